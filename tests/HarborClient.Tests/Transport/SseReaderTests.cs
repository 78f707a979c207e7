using System.Text;
using HarborClient.Testing;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Transport;

// Event streams over any split of their bytes, in any framing, of any size.
public sealed class SseReaderTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<string> Transcripts => [.. Transcript.Names];

    public static TheoryData<string, string> TranscriptsAndFramings
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var name in Transcript.Names)
            {
                foreach (var framing in Transcript.Framings.Keys) data.Add(name, framing);
            }

            return data;
        }
    }

    [Fact]
    public async Task A_text_stream_is_read_as_it_was_written()
    {
        var answer = await ReadAsync(Stream(Transcript.Read("text")));

        answer.Should().Be("""
            text: The sky is “blue”, 空は青い 🟦
            - "scatter"\path	tab
            reasoning: 
            refusal: 
            calls: 
            finish: stop stop
            usage: 19 10 29 4 3
            id: chatcmpl-handwritten1 gpt-4o-mini-2024-07-18 2026-01-01T00:00:00.0000000+00:00
            """);
    }

    [Fact]
    public async Task Parallel_tool_calls_are_read_as_they_were_written()
    {
        var answer = await ReadAsync(Stream(Transcript.Read("parallel-tool-calls")));

        answer.Should().Be("""
            text: 
            reasoning: 
            refusal: 
            calls: call_A1 get_weather(city="São Paulo", unit="celsius"); call_B2 get_time(zone="America/Sao_Paulo")
            finish: tool_calls tool_calls
            usage: 80 42 122  
            id: chatcmpl-handwritten2 gpt-4o-mini-2024-07-18 2026-01-01T00:00:00.0000000+00:00
            """);
    }

    [Fact]
    public async Task A_refusal_is_read_as_it_was_written()
    {
        var answer = await ReadAsync(Stream(Transcript.Read("refusal")));

        answer.Should().Contain("refusal: I'm sorry, I can't help with that.").And.Contain("text: \n").And.Contain("finish: stop");
    }

    [Fact]
    public async Task An_empty_first_chunk_as_Azure_sends_it_is_no_answer_and_no_identity()
    {
        var answer = await ReadAsync(Stream(Transcript.Read("azure")));

        answer.Should().Contain("text: Hello from Azure\n").And.Contain("id: chatcmpl-handwritten4 gpt-4o-2024-11-20 2026").And.Contain("usage: 9 3 12");
    }

    [Theory]
    [MemberData(nameof(TranscriptsAndFramings))]
    public async Task A_transcript_split_in_two_at_every_offset_gives_the_same_answer_in_every_framing(string name, string framing)
    {
        var body = Transcript.Framings[framing](Transcript.Read(name));
        var expected = await ReadAsync(Stream(Transcript.Read(name)));

        var differing = await OffsetsThatDifferAsync(body, expected);

        differing.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(TranscriptsAndFramings))]
    public async Task A_transcript_one_byte_at_a_time_gives_the_same_answer_in_every_framing(string name, string framing)
    {
        var body = Transcript.Framings[framing](Transcript.Read(name));
        var expected = await ReadAsync(Stream(Transcript.Read(name)));

        var answer = await ReadAsync(Stream(body).ChunkSize(1));

        answer.Should().Be(expected);
    }

    [Theory]
    [MemberData(nameof(Transcripts))]
    public async Task A_transcript_whose_host_calls_it_something_else_is_still_read_as_events(string name)
    {
        var expected = await ReadAsync(Stream(Transcript.Read(name)));

        var whole = await ReadAsync(EmulatedReply.Raw(Transcript.Read(name), "application/json"));
        var inBytes = await ReadAsync(EmulatedReply.Raw(Transcript.Read(name), "text/plain").ChunkSize(1));
        var withoutType = await ReadAsync(Stream(Transcript.Read(name)).WrongContentType("application/octet-stream"));

        whole.Should().Be(expected);
        inBytes.Should().Be(expected);
        withoutType.Should().Be(expected);
    }

    [Fact]
    public async Task A_line_of_several_megabytes_is_one_event()
    {
        var text = string.Concat(Enumerable.Range(0, 300_000).Select(i => $"word{i} "));
        var body = $"data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n{Finish}";

        var answer = await ReadAsync(EmulatedReply.Raw(body, "text/event-stream").ChunkSize(100_003));

        body.Length.Should().BeGreaterThan(3_000_000);
        answer.Should().StartWith($"text: {text}\n");
    }

    [Fact]
    public async Task An_event_over_MaxEventBytes_ends_the_call_as_too_large()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Raw($"data: {Chunk("short")}\n\ndata: {Chunk(new string('x', 3000))}\n\n{Finish}", "text/event-stream").ChunkSize(100));
        await using var client = TestClients.OpenAI(provider, _time, options: openAI => openAI.Transport.MaxEventBytes = 2048);

        var act = () => client.StreamTextAsync("hi").ToListAsync();

        var error = (await act.Should().ThrowAsync<StreamInterruptedException>()).Which;
        error.Partial.Text.Should().Be("short");
        error.InnerException.Should().BeOfType<HarborException>().Which.Kind.Should().Be(ErrorKind.TooLarge);
        error.Message.Should().Contain("2,048").And.Contain("MaxEventBytes");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task An_endless_line_that_is_no_data_is_bounded_too()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Raw(":" + new string('x', 100_000), "text/event-stream").ChunkSize(1000));
        await using var client = TestClients.OpenAI(provider, _time, options: openAI => openAI.Transport.MaxEventBytes = 2048);

        var act = () => client.StreamTextAsync("hi").ToListAsync();

        (await act.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.TooLarge);
        provider.Attempts[0].BytesSent.Should().BeLessThan(100_000);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("of another case")]
    public async Task A_stream_without_the_end_marker_is_no_success_at_OpenAI_and_one_at_a_local_host(string marker)
    {
        var body = Encoding.UTF8.GetString(Transcript.Read("azure")).Replace("data: [DONE]\n\n", marker == "missing" ? "" : "data: [done]\n\n", StringComparison.Ordinal);
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Raw(body, "text/event-stream"));
        await using var openAI = TestClients.Balanced(provider, _time);
        await using var local = TestClients.Local(provider, _time);

        var strict = () => openAI.StreamTextAsync("hi").ToListAsync();
        var lenient = marker == "missing" ? await local.StreamTextAsync("hi").ToListAsync() : null;

        (await strict.Should().ThrowAsync<StreamInterruptedException>()).Which.Partial.Text.Should().Be("Hello from Azure");
        if (lenient is not null) string.Concat(lenient).Should().Be("Hello from Azure");
        openAI.Outstanding().Should().Be(Outstanding.None);
        local.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_local_stream_that_ends_before_its_finish_reason_is_no_success()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("one two", reply => reply.WithoutTerminator());
        await using var client = TestClients.Local(provider, _time);

        var act = () => client.StreamTextAsync("hi").ToListAsync();

        (await act.Should().ThrowAsync<StreamInterruptedException>()).Which.Partial.Text.Should().Be("one two");
    }

    [Theory]
    [InlineData("\\ud83d", "\uFFFD")]
    [InlineData("\\ude00", "\uFFFD")]
    [InlineData("\\ud83d\\ud83d\\ude00", "\uFFFD😀")]
    [InlineData("\\ud83dx", "\uFFFDx")]
    [InlineData("\\ud83d\\n", "\uFFFD\n")]
    [InlineData("\\ud83d\\u0041", "\uFFFDA")]
    [InlineData("\\ude00\\ud83d", "\uFFFD\uFFFD")]
    [InlineData("\\uD83D\\uDE00", "😀")]
    [InlineData("\\u0000|\\u00e9\\u4e2d\\\"\\\\\\/\\b\\f\\t", "\0|é中\"\\/\b\f\t")]
    public async Task Escapes_and_lone_surrogates_never_throw(string escaped, string expected)
    {
        var stream = $"data: {Chunk(escaped)}\n\n{Finish}";
        var provider = new ProviderEmulator(_time).ThenRaw(stream, "text/event-stream").ThenRaw(Completion(escaped), "application/json");
        await using var client = TestClients.Balanced(provider, _time);

        var streamed = string.Concat(await client.StreamTextAsync("hi").ToListAsync());
        var plain = await client.GetResponseAsync("hi");

        streamed.Should().Be(expected);
        plain.Text.Should().Be(expected);
    }

    [Fact]
    public async Task A_surrogate_pair_split_over_two_events_is_one_character()
    {
        var body = $"data: {Chunk("a\\ud83d")}\n\ndata: {Chunk("\\ude00b")}\n\n{Finish}";

        var answer = await ReadAsync(EmulatedReply.Raw(body, "text/event-stream"));

        answer.Should().StartWith("text: a😀b\n");
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_do_not_throw_anything_but_our_errors()
    {
        byte[] body = [.. "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a"u8, 0xFF, 0xC3, .. "b\"}}]}\n\n"u8, .. Encoding.UTF8.GetBytes(Finish)];
        var provider = new ProviderEmulator(_time).ThenRaw(body, "text/event-stream");
        await using var client = TestClients.Balanced(provider, _time);

        var error = await Record.ExceptionAsync(() => client.StreamTextAsync("hi").ToListAsync());

        (error is null or HarborException).Should().BeTrue($"it was {error}");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Texts_with_escapes_of_growing_length_stay_intact()
    {
        string[] pieces = [.. Enumerable.Range(1, 200).Select(i => string.Concat(Enumerable.Repeat("\"é\\\n", i * 5)))];
        var provider = new ProviderEmulator(_time).ThenAnswer(pieces);
        await using var client = TestClients.Balanced(provider, _time);

        var streamed = await client.StreamTextAsync("hi").ToListAsync();

        streamed.Should().Equal(pieces);
    }

    private const string Finish = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    private static string Chunk(string jsonText) => $$$"""{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"{{{jsonText}}}"}}]}""";

    private static string Completion(string jsonText) => $$$"""
        {"id":"chatcmpl-1","object":"chat.completion","created":1767225600,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"{{{jsonText}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}
        """;

    private static EmulatedReply Stream(byte[] body) => EmulatedReply.Raw(body, "text/event-stream");

    private async Task<string> ReadAsync(EmulatedReply reply)
    {
        var provider = new ProviderEmulator(_time).ThenReply(reply);
        await using var client = TestClients.Balanced(provider, _time);
        var shape = await AnswerShape.OfStreamAsync(client);
        client.Outstanding().Should().Be(Outstanding.None);
        return shape;
    }

    private async Task<List<int>> OffsetsThatDifferAsync(byte[] body, string expected)
    {
        List<int> differing = [];
        var provider = new ProviderEmulator(_time);
        await using var client = TestClients.Balanced(provider, _time);
        for (var offset = 1; offset < body.Length; offset++)
        {
            provider.ThenReply(Stream(body).SplitAt(offset));
            if (await AnswerShape.OfStreamAsync(client) != expected) differing.Add(offset);
        }

        client.Outstanding().Should().Be(Outstanding.None);
        return differing;
    }
}
