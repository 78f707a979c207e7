namespace HarborClient.Tests.Hostile;

// A piece of an answer is never taken for the answer, in whatever form and for whatever question it comes.
public sealed class TruncationTests
{
    private const string Chunk = """{"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"He"},"finish_reason":null}]}""";
    private const string LaterChunk = """{"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"llo"},"finish_reason":null}]}""";

    public static TheoryData<string, string, string> Fragments => new()
    {
        { "one chunk", Chunk, Wire.Json },
        { "one chunk that says stream", Chunk, Wire.EventStream },
        { "one chunk and the start of an event", Chunk + "\n\ndata: x", Wire.EventStream },
        { "one chunk and the start of an event as JSON", Chunk + "\n\ndata: x", Wire.Json },
        { "chunks line by line", Chunk + "\n" + LaterChunk, Wire.Json },
        { "chunks line by line as NDJSON", Chunk + "\n" + LaterChunk + "\n", "application/x-ndjson" },
        { "an array of chunks", $"[{Chunk},{LaterChunk}]", Wire.Json },
        { "an answer and another", Wire.Whole("a") + Wire.Whole("b"), Wire.Json },
        { "an answer and a page", Wire.Whole("a") + "<html>", Wire.Json },
        { "an answer and a broken end", Wire.Whole("a") + "}", Wire.Json },
        { "a choice without message", """{"choices":[{}]}""", Wire.Json },
        { "a choice with the message null", """{"choices":[{"message":null}]}""", Wire.Json },
        { "the second choice alone", """{"choices":[{"index":1,"message":{"content":"x"},"finish_reason":"stop"}]}""", Wire.Json },
        { "no choice", """{"choices":[]}""", Wire.Json },
        { "choices null", """{"choices":null}""", Wire.Json },
        { "an empty object", "{}", Wire.Json },
        { "only the end marker", Wire.Done, Wire.EventStream },
        { "only the end marker as JSON", Wire.Done, Wire.Json },
        { "nothing", "", Wire.Json },
        { "nothing that says stream", "", Wire.EventStream },
    };

    [Theory]
    [MemberData(nameof(Fragments))]
    public async Task A_fragment_is_an_error_in_every_mode_plain_and_streamed(string what, string body, string contentType)
    {
        foreach ((PerformanceMode mode, bool isStreaming) in HostileClients.Ways)
        {
            await using FastClient client = HostileClients.One(HostileHandler.Answering(body, contentType), mode: mode);

            HarborException error = await HostileClients.ErrorAsync(() => client.TextAsync(isStreaming), $"{what} is no answer ({mode}, streamed {isStreaming})");

            error.Kind.Should().BeOneOf(ErrorKind.Provider, ErrorKind.Interrupted);
            client.Outstanding().Should().Be(Outstanding.None);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData(" \r\n\t ")]
    public async Task A_whole_answer_stays_one_with_white_space_after_it(string space)
    {
        foreach ((PerformanceMode mode, bool isStreaming) in HostileClients.Ways)
        {
            await using FastClient client = HostileClients.One(HostileHandler.Answering(Wire.Whole("whole") + space), mode: mode);

            (await client.TextAsync(isStreaming)).Should().Be("whole");
        }
    }

    [Fact]
    public async Task An_answer_whose_content_is_null_is_an_empty_answer()
    {
        const string Empty = """{"choices":[{"index":0,"message":{"role":"assistant","content":null},"finish_reason":"stop"}]}""";
        await using FastClient client = HostileClients.One(HostileHandler.Answering(Empty));

        ChatResponse answer = await client.GetResponseAsync("hi");

        answer.Text.Should().BeEmpty();
        answer.FinishReason.Should().Be(ChatFinishReason.Stop);
    }

    [Fact]
    public async Task A_fragment_lets_the_next_target_answer()
    {
        await using FastClient client = HostileClients.Two(HostileHandler.Answering(Chunk), HostileHandler.Answering(Wire.Whole("whole")));

        (await client.GetResponseAsync("hi")).Text.Should().Be("whole");
    }
}
