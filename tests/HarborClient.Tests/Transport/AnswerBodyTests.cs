using System.IO.Compression;
using System.Text;
using HarborClient.Testing;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Transport;

// Bodies as a whole: their size, their compression, and what they are whatever their headers say.
public sealed class AnswerBodyTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_over_MaxAnswerBytes_ends_the_call_as_too_large(bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(string.Join(' ', Enumerable.Repeat("word", 2000)));
        await using var client = TestClients.OpenAI(provider, _time, options: openAI => openAI.Transport.MaxAnswerBytes = 5000);

        Func<Task> act = isStreaming ? () => client.StreamTextAsync("hi").ToListAsync() : () => client.GetResponseAsync("hi");

        var error = (await act.Should().ThrowAsync<HarborException>()).Which;
        (error is StreamInterruptedException ? (HarborException)error.InnerException! : error).Kind.Should().Be(ErrorKind.TooLarge);
        error.Message.Should().Contain("5,000").And.Contain("MaxAnswerBytes");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task MaxAnswerBytes_counts_what_a_compressed_body_unpacks_to(string encoding)
    {
        var bomb = Compress(Encoding.UTF8.GetBytes(Completion(new string('a', 20_000_000))), encoding);
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Raw(bomb, "application/json").Header("content-encoding", encoding));
        await using var client = TestClients.OpenAI(provider, _time, options: openAI => openAI.Transport.MaxAnswerBytes = 1 << 20);

        var act = () => client.GetResponseAsync("hi");

        bomb.Length.Should().BeLessThan(1 << 18, "what travels is far below the limit");
        (await act.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.TooLarge);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("GZIP")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("identity")]
    public async Task Compressed_answers_are_unpacked_streamed_or_not(string encoding)
    {
        var provider = new ProviderEmulator(_time)
            .ThenReply(EmulatedReply.Raw(Compress(Encoding.UTF8.GetBytes(Completion("packed")), encoding), "application/json").Header("content-encoding", encoding).ChunkSize(7))
            .ThenReply(EmulatedReply.Raw(Compress(Transcript.Read("azure"), encoding), "text/event-stream").Header("content-encoding", encoding).ChunkSize(7));
        await using var client = TestClients.Balanced(provider, _time);

        var plain = await client.GetResponseAsync("hi");
        var streamed = await client.StreamTextAsync("hi").ToListAsync();

        plain.Text.Should().Be("packed");
        string.Concat(streamed).Should().Be("Hello from Azure");
    }

    [Fact]
    public async Task A_gzip_body_cut_at_any_byte_is_an_interruption_or_the_whole_answer()
    {
        var packed = Compress(Encoding.UTF8.GetBytes(Completion("packed")), "gzip");
        var provider = new ProviderEmulator(_time);
        await using var client = TestClients.Balanced(provider, _time);
        List<string> outcomes = [];

        for (var length = 0; length < packed.Length; length++)
        {
            provider.ThenReply(EmulatedReply.Raw(packed[..length], "application/json").Header("content-encoding", "gzip"));
            try
            {
                outcomes.Add((await client.GetResponseAsync("hi")).Text);
            }
            catch (HarborException e)
            {
                outcomes.Add(e.Kind.ToString());
            }
        }

        outcomes.Should().OnlyContain(outcome => outcome == "packed" || outcome == nameof(ErrorKind.Interrupted));
        outcomes.SkipLast(12).Should().OnlyContain(outcome => outcome == nameof(ErrorKind.Interrupted), "only the check sum, the length and the block's end may be missing");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_truncated_gzip_stream_is_an_interruption()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(string.Join(' ', Enumerable.Range(0, 2000)), reply => reply.TruncatedGzip());
        await using var client = TestClients.Balanced(provider, _time);

        var act = () => client.StreamTextAsync("hi").ToListAsync();

        (await act.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Interrupted);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task An_unknown_content_encoding_is_named()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer("x").Header("content-encoding", "zstd"));
        await using var client = TestClients.Balanced(provider, _time);

        var act = () => client.GetResponseAsync("hi");

        var error = (await act.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.Provider);
        error.Message.Should().Contain("zstd");
    }

    [Theory]
    [InlineData("text/html", "<html><body>Sign in</body></html>", true)]
    [InlineData("text/html", "<html><body>Sign in</body></html>", false)]
    [InlineData("application/json", "[]", true)]
    [InlineData("application/json", "[]", false)]
    [InlineData("application/json", "{}", true)]
    [InlineData("application/json", "{}", false)]
    [InlineData("application/json", "\"text\"", false)]
    [InlineData("application/json", "null", false)]
    public async Task A_body_that_is_no_answer_is_an_error_of_the_providers(string contentType, string body, bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).ThenRaw(body, contentType);
        await using var client = TestClients.Balanced(provider, _time);

        Func<Task> act = isStreaming ? () => client.StreamTextAsync("hi").ToListAsync() : () => client.GetResponseAsync("hi");

        (await act.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Provider);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("application/json", 1)]
    [InlineData("application/json", 10_000)]
    [InlineData("text/event-stream", 1)]
    [InlineData("text/event-stream", 10_000)]
    public async Task A_whole_answer_to_a_stream_request_is_streamed_to_the_caller(string contentType, int chunkBytes)
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Raw("  \r\n" + Completion("whole"), contentType).ChunkSize(chunkBytes));
        await using var client = TestClients.Balanced(provider, _time);

        var answer = (await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse();

        answer.Text.Should().Be("whole");
        answer.FinishReason.Should().Be(ChatFinishReason.Stop);
        answer.Usage!.OutputTokenCount.Should().Be(2);
        provider.Attempts[0].IsStreaming.Should().BeTrue();
    }

    [Theory]
    [InlineData("text/event-stream", 1)]
    [InlineData("text/event-stream", 10_000)]
    [InlineData("application/json", 1)]
    public async Task A_stream_in_answer_to_a_plain_request_is_folded(string contentType, int chunkBytes)
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Raw(Transcript.Read("text"), contentType).ChunkSize(chunkBytes));
        await using var client = TestClients.Balanced(provider, _time);

        var answer = await client.GetResponseAsync("hi");

        answer.Text.Should().StartWith("The sky is “blue”");
        answer.Usage!.TotalTokenCount.Should().Be(29);
        provider.Attempts[0].IsStreaming.Should().BeFalse();
    }

    private static string Completion(string jsonText) => $$$"""
        {"id":"chatcmpl-1","object":"chat.completion","created":1767225600,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"{{{jsonText}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}
        """;

    private static byte[] Compress(byte[] body, string encoding)
    {
        using var packed = new MemoryStream();
        using (Stream packer = encoding.ToUpperInvariant() switch
        {
            "BR" => new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "DEFLATE" => new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "IDENTITY" => new BufferedStream(new MemoryStream()),
            _ => new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true),
        })
        {
            packer.Write(body);
        }

        return encoding == "identity" ? body : packed.ToArray();
    }
}
