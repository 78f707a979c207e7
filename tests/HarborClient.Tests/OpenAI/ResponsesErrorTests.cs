using HarborClient.Testing;
using HarborClient.Tests.Face;
using static HarborClient.Tests.OpenAI.ResponsesClients;

namespace HarborClient.Tests.OpenAI;

// What goes wrong inside an answer of the Responses API that began with status 200.
public sealed class ResponsesErrorTests
{
    private const string Failed =
        """{"type":"response.failed","response":{"id":"resp_1","status":"failed","instructions":"be secret","error":{"code":"server_error","message":"It broke."},"output":[]}}""";

    public static TheoryData<string, ErrorKind, string?> Events => new()
    {
        { """{"type":"error","sequence_number":2,"error":{"type":"insufficient_quota","code":"insufficient_quota","message":"No more."}}""", ErrorKind.QuotaExhausted, "insufficient_quota" },
        { """{"type":"error","code":"rate_limit_exceeded","message":"Slow down.","param":null,"sequence_number":2}""", ErrorKind.RateLimited, "rate_limit_exceeded" },
        { """{"type":"error","error":{"message":"Too long.","code":"context_length_exceeded"}}""", ErrorKind.ContextTooLong, "context_length_exceeded" },
        { """{"error":{"message":"A gateway's.","type":"server_error"}}""", ErrorKind.Provider, "server_error" },
        { Failed, ErrorKind.Provider, "server_error" },
        { """{"type":"response.failed","response":{"id":"resp_1","status":"failed","instructions":"be secret","error":null}}""", ErrorKind.Provider, null },
    };

    [Theory]
    [MemberData(nameof(Events))]
    public async Task An_error_before_the_first_piece_is_the_providers(string error, ErrorKind kind, string? code)
    {
        await using FastClient client = Streaming(Created, error, Failed);

        HarborException failure = await client.StreamFailureAsync();

        failure.Should().NotBeOfType<StreamInterruptedException>();
        failure.Kind.Should().Be(kind);
        failure.ProviderCode.Should().Be(code);
        failure.Message.Should().NotContain("be secret");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Events))]
    public async Task An_error_in_mid_stream_is_reported_once_with_what_had_arrived(string error, ErrorKind kind, string? code)
    {
        await using FastClient client = Streaming(Created, Delta("output_text", 0, "So far"), error, Failed);

        StreamInterruptedException failure = (await client.StreamFailureAsync()).Should().BeOfType<StreamInterruptedException>().Subject;

        failure.Partial.Text.Should().Be("So far");
        failure.ProviderCode.Should().Be(code);
        failure.InnerException.Should().BeAssignableTo<HarborException>().Which.Kind.Should().Be(kind);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_stream_without_an_end_is_interrupted_whatever_it_said()
    {
        const string Message = """{"type":"message","content":[{"type":"output_text","text":"Hello"}]}""";
        await using FastClient client = Streaming(Created, Delta("output_text", 0, "Hello"), Item("done", 0, Message), "[DONE]");

        StreamInterruptedException failure = (await client.StreamFailureAsync()).Should().BeOfType<StreamInterruptedException>().Subject;

        failure.Partial.Text.Should().Be("Hello");
        failure.IsTransient.Should().BeTrue();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("""{"id":"resp_1","status":"failed","error":{"code":"server_error","message":"It broke."},"output":[],"instructions":"be secret"}""", "server_error")]
    [InlineData("""{"id":"resp_1","status":"failed","error":null,"output":[],"instructions":"be secret"}""", null)]
    [InlineData("""{"error":{"message":"It broke.","code":"server_error"}}""", "server_error")]
    public async Task A_plain_answer_that_failed_is_an_error(string body, string? code)
    {
        await using FastClient client = Plain(body);

        HarborException failure = await client.FailureAsync();

        failure.Kind.Should().Be(ErrorKind.Provider);
        failure.IsTransient.Should().BeTrue();
        failure.ProviderCode.Should().Be(code);
        failure.Message.Should().NotContain("be secret");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"id":"resp_1"}""")]
    public async Task A_body_that_is_no_response_is_an_error(string body)
    {
        await using FastClient client = Plain(body);

        (await client.FailureAsync()).Kind.Should().Be(ErrorKind.Provider);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(404, "model_not_found", ErrorKind.NotFound)]
    [InlineData(400, "model_not_found", ErrorKind.NotFound)]
    [InlineData(400, "previous_response_not_found", ErrorKind.NotFound)]
    [InlineData(400, "integer_below_min_value", ErrorKind.InvalidRequest)]
    [InlineData(400, "context_length_exceeded", ErrorKind.ContextTooLong)]
    [InlineData(429, "insufficient_quota", ErrorKind.QuotaExhausted)]
    [InlineData(429, "rate_limit_exceeded", ErrorKind.RateLimited)]
    [InlineData(401, "invalid_api_key", ErrorKind.Authentication)]
    [InlineData(503, null, ErrorKind.Overloaded)]
    public async Task Errors_are_those_of_chat_completions(int status, string? code, ErrorKind kind)
    {
        string body = $$"""{"error":{"message":"No.","type":"t","param":null,"code":{{(code is null ? "null" : $"\"{code}\"")}} } }""";
        await using FastClient client = Of(new ProviderEmulator().Otherwise(EmulatedReply.Raw(body, "application/json", status)));

        (await client.FailureAsync()).Kind.Should().Be(kind);
        (await client.StreamFailureAsync()).Kind.Should().Be(kind);
    }

    [Fact]
    public async Task More_calls_than_anybody_makes_are_an_error_and_not_memory()
    {
        string[] calls = [.. Enumerable.Range(0, 300).Select(i => Item("added", i, $$"""{"type":"function_call","call_id":"c{{i}}","name":"f"}"""))];
        await using FastClient client = Streaming([Created, .. calls, Completed()]);

        (await client.StreamFailureAsync()).Should().BeOfType<StreamInterruptedException>();
        client.Outstanding().Should().Be(Outstanding.None);
    }
}
