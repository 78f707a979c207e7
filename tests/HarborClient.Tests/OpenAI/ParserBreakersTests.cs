using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.OpenAI;

// Ways of hosts that break readers, each in one stream of an own host. What they have in common: the text is "ab", or the call is f({"x":1}).
public sealed class ParserBreakersTests
{
    private const string A = """{"choices":[{"index":0,"delta":{"content":"a"}}]}""";
    private const string B = """{"choices":[{"index":0,"delta":{"content":"b"}}]}""";
    private const string Stop = """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";

    public static TheoryData<string, string> Texts => new()
    {
        { "no space after data", $"data:{A}\n\ndata:{B}\n\ndata:{Stop}\n\ndata:[DONE]\n\n" },
        { "CRLF", $"data: {A}\r\n\r\ndata: {B}\r\n\r\ndata: {Stop}\r\n\r\ndata: [DONE]\r\n\r\n" },
        { "CR", $"data: {A}\r\rdata: {B}\r\rdata: {Stop}\r\rdata: [DONE]\r\r" },
        { "comments and other fields", $": hi\n\nid: 1\nevent: data\ndata: {A}\n\n: OPENROUTER PROCESSING\n\nretry: 5\n\ndata: {B}\n\ndata: {Stop}\n\ndata: [DONE]\n\n" },
        { "no [DONE]", $"data: {A}\n\ndata: {B}\n\ndata: {Stop}\n\n" },
        { "no blank line at the end", $"data: {A}\n\ndata: {B}\n\ndata: {Stop}" },
        { "data after [DONE]", $"data: {A}\n\ndata: {B}\n\ndata: {Stop}\n\ndata: [DONE]\n\ndata: {A}\n\n" },
        { "null and empty deltas", Stream("""{"choices":[{"index":0,"delta":null}]}""", """{"choices":[{"index":0}]}""", """{"choices":[{"index":0,"delta":{"role":null,"content":null,"reasoning_content":null,"tool_calls":null}}]}""", A, """{"choices":[{"index":0,"delta":{"content":""}}]}""", B, Stop) },
        { "no choices, choices null, a choice that is none", Stream("""{"choices":[]}""", """{"choices":null}""", """{"choices":[null,1]}""", A, B, Stop) },
        { "no index", Stream("""{"choices":[{"delta":{"role":"assistant","content":"a"}}]}""", """{"choices":[{"delta":{"role":"assistant","content":"b"}}]}""", """{"choices":[{"delta":{},"finish_reason":"stop"}]}""") },
        { "content as parts", Stream("""{"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"a"}]}}]}""", """{"choices":[{"index":0,"delta":{"content":["b"]}}]}""", Stop) },
        { "a finish reason of no characters before the last", Stream("""{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":""}]}""", B, Stop) },
        { "a repeated finish reason", Stream(A, B, Stop, Stop) },
        { "usage null, absent and everywhere", Stream("""{"choices":[{"index":0,"delta":{"content":"a"}}],"usage":null}""", """{"choices":[{"index":0,"delta":{"content":"b"}}],"usage":{"prompt_tokens":1,"completion_tokens":null,"prompt_tokens_details":null}}""", Stop) },
        { "id and model of no characters, created a float", Stream("""{"id":"","model":"","created":1.5,"choices":[{"index":0,"delta":{"content":"a"}}]}""", B, Stop) },
        { "error null beside an answer", Stream("""{"error":null,"choices":[{"index":0,"delta":{"content":"a"}}]}""", B, Stop) },
    };

    public static TheoryData<string, string> Calls => new()
    {
        { "arguments as an object", Call("""{"index":0,"id":"c1","function":{"name":"f","arguments":{"x":1}}}""") },
        { "arguments null, then whole", Call("""{"index":0,"id":"c1","function":{"name":"f","arguments":null}}""", """{"index":0,"function":{"arguments":"{\"x\":1}"}}""") },
        { "index -1", Call("""{"index":-1,"id":"c1","function":{"name":"f","arguments":"{\"x\""}}""", """{"index":-1,"function":{"arguments":":1}"}}""") },
        { "index from 1", Call("""{"index":1,"id":"c1","function":{"name":"f","arguments":"{\"x\":1}"}}""") },
        { "no index", Call("""{"id":"c1","function":{"name":"f","arguments":"{\"x\""}}""", """{"function":{"arguments":":1}"}}""") },
        { "no id", Call("""{"index":0,"function":{"name":"f","arguments":"{\"x\":1}"}}""") },
        { "an id of no characters", Call("""{"index":0,"id":"","function":{"name":"f","arguments":"{\"x\":1}"}}""") },
        { "id and name on each fragment", Call("""{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"x\""}}""", """{"index":0,"id":"c1","function":{"name":"f","arguments":":1}"}}""") },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task The_text_comes_out(string what, string stream)
    {
        await using FastClient client = Emulated.Local(new ProviderEmulator().ThenRaw(stream, "text/event-stream"));

        ChatResponse answer = (await client.UpdatesAsync()).ToHarborResponse();

        answer.Text.Should().Be("ab", what);
        answer.FinishReason.Should().Be(ChatFinishReason.Stop);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task The_call_comes_out(string what, string stream)
    {
        await using FastClient client = Emulated.Local(new ProviderEmulator().ThenRaw(stream, "text/event-stream"));

        ChatResponse answer = (await client.UpdatesAsync()).ToHarborResponse();

        FunctionCallContent call = answer.Contents().OfType<FunctionCallContent>().Should().ContainSingle(what).Subject;
        call.Name.Should().Be("f");
        call.CallId.Should().NotBeNullOrEmpty();
        call.Arguments!["x"]!.ToString().Should().Be("1");
        answer.FinishReason.Should().Be(ChatFinishReason.ToolCalls, "calls that wait for results decide, whatever the word");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("eos")]
    [InlineData("eos_token")]
    [InlineData("banana")]
    public async Task A_word_for_the_end_that_nobody_documents_is_kept(string word)
    {
        await using FastClient client = Emulated.Local(new ProviderEmulator().ThenRaw(Stream(A, $$"""{"choices":[{"index":0,"delta":{},"finish_reason":"{{word}}"}]}"""), "text/event-stream"));

        (await client.UpdatesAsync()).ToHarborResponse().FinishReason.Should().Be(new ChatFinishReason(word));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    public async Task A_stream_that_never_says_why_it_ends_is_interrupted(string word)
    {
        string last = "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":" + (word.Length == 0 ? "\"\"" : word) + "}]}";
        await using FastClient client = Emulated.Local(new ProviderEmulator().ThenRaw($"data: {A}\n\ndata: {last}\n\n", "text/event-stream"));

        (await client.StreamFailureAsync()).Should().BeOfType<StreamInterruptedException>().Which.Partial.Text.Should().Be("a");
    }

    [Theory]
    [InlineData("data: {\"error\":{\"message\":\"boom\",\"code\":500}}\n\ndata: [DONE]\n\n")]
    [InlineData("event: error\ndata: {\"error\":{\"message\":\"boom\",\"type\":\"tool_use_failed\",\"failed_generation\":\"x\"}}\n\n")]
    [InlineData("data: {\"error\":\"boom\"}\n\n")]
    [InlineData("data: [{\"error\":{\"message\":\"boom\"}}]\n\n")]
    [InlineData("data: {\"object\":\"error\",\"message\":\"boom\",\"code\":400}\n\n")]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\",\"error\":{\"message\":\"boom\"}}]}\n\n")]
    public async Task An_error_inside_a_stream_is_an_error(string rest)
    {
        await using FastClient client = Emulated.Local(new ProviderEmulator().ThenRaw($"data: {A}\n\n{rest}", "text/event-stream"));

        HarborException error = await client.StreamFailureAsync();

        error.Should().BeOfType<StreamInterruptedException>().Which.Partial.Text.Should().Be("a");
        error.Message.Should().Contain("boom");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Thoughts_in_the_text_stay_text()
    {
        await using FastClient client = Emulated.Local(new ProviderEmulator().ThenRaw(Stream("""{"choices":[{"index":0,"delta":{"content":"<think>hm</think>a"}}]}""", Stop), "text/event-stream"));

        (await client.UpdatesAsync()).ToHarborResponse().Text.Should().Be("<think>hm</think>a");
    }

    private static string Stream(params string[] events) => string.Concat(events.Append("[DONE]").Select(data => $"data: {data}\n\n"));

    private static string Call(params string[] fragments) =>
        Stream([.. fragments.Select(fragment => "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[" + fragment + "]}}]}"), Stop]);
}
