using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Errors;

// Errors that come with status 200: whole, or in a stream before or after its text.
public sealed class ErrorInsideAnswerTests
{
    private const string Text = "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hello\"}}]}\n\n";

    public static TheoryData<string, ErrorKind, bool, string?> Errors => new()
    {
        { """{"error":{"message":"Overloaded","type":"overloaded_error"}}""", ErrorKind.Overloaded, true, "overloaded_error" },
        { """{"error":{"message":"Slow down","type":"requests","code":"rate_limit_exceeded"}}""", ErrorKind.RateLimited, true, "rate_limit_exceeded" },
        { """{"error":{"message":"no","type":"insufficient_quota","code":"insufficient_quota"}}""", ErrorKind.QuotaExhausted, false, "insufficient_quota" },
        { """{"error":{"message":"Wrong","type":"invalid_request_error"}}""", ErrorKind.InvalidRequest, false, "invalid_request_error" },
        { """{"error":{"message":"The server had an error","type":"server_error"}}""", ErrorKind.Provider, true, "server_error" },
        { """{"error":{"message":"This model's maximum context length is 5","type":"BadRequestError","code":400}}""", ErrorKind.ContextTooLong, false, "400" },
        { """{"error":{"message":"Boom","type":"InternalServerError","code":500}}""", ErrorKind.Provider, true, "500" },
        { """{"error":{"message":"Filtered","code":"content_filter"}}""", ErrorKind.ContentFiltered, false, "content_filter" },
        { """{"error":{"message":"Provider returned error","code":429}}""", ErrorKind.RateLimited, true, "429" },
        { """{"error":"something went wrong"}""", ErrorKind.Provider, true, null },
        { """{"object":"error","message":"Boom","type":"InternalServerError","code":500}""", ErrorKind.Provider, true, "500" },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task A_whole_answer_that_is_an_error(string body, ErrorKind kind, bool isTransient, string? code)
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenRaw(body, "application/json"));

        Assert(await client.FailureAsync(), kind, isTransient, code);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task A_stream_that_begins_with_an_error(string body, ErrorKind kind, bool isTransient, string? code)
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenRaw($"data: {body}\n\n", "text/event-stream").ThenRaw(body, "text/event-stream"));
        Func<Task> call = () => client.UpdatesAsync();

        Assert((await call.Should().ThrowAsync<HarborException>()).Which, kind, isTransient, code);
        Assert((await call.Should().ThrowAsync<HarborException>("a bare body is an error too")).Which, kind, isTransient, code);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("\n\n", true)]
    [InlineData("", true)]
    [InlineData("", false)]
    public async Task A_stream_that_goes_on_in_bare_JSON_breaks_with_that_error(string ending, bool isPretty)
    {
        string error = isPretty ? "{\n  \"error\": {\n\n    \"message\": \"Overloaded\", \"type\": \"overloaded_error\"\n  }\n}" : """{"error":{"message":"Overloaded","type":"overloaded_error"}}""";
        EmulatedReply reply = EmulatedReply.Raw(Text + error + ending, "text/event-stream");
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenReply(reply).ThenReply(reply.ChunkSize(1)));
        Func<Task> call = () => client.UpdatesAsync();

        StreamInterruptedException whole = (await call.Should().ThrowAsync<StreamInterruptedException>()).Which;
        StreamInterruptedException byteByByte = (await call.Should().ThrowAsync<StreamInterruptedException>()).Which;

        whole.Partial.Text.Should().Be("Hello");
        whole.ProviderCode.Should().Be("overloaded_error");
        byteByByte.ProviderCode.Should().Be("overloaded_error");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task A_stream_that_breaks_with_an_error_after_text(string body, ErrorKind kind, bool isTransient, string? code)
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenRaw($"{Text}data: {body}\n\n", "text/event-stream"));
        Func<Task> call = () => client.UpdatesAsync();

        StreamInterruptedException error = (await call.Should().ThrowAsync<StreamInterruptedException>()).Which;

        error.Kind.Should().Be(ErrorKind.Interrupted);
        error.Partial.Text.Should().Be("Hello");
        error.IsTransient.Should().Be(isTransient);
        Assert(error.InnerException.Should().BeOfType<HarborException>().Which, kind, isTransient, code);
        error.Attempts.Should().ContainSingle().Which.Error.Should().Be(ErrorKind.Interrupted);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_null_error_is_none()
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenRaw("""{"error":null,"choices":[{"index":0,"message":{"content":"fine"},"finish_reason":"stop"}]}""", "application/json"));

        (await client.AskAsync()).Text.Should().Be("fine");
    }

    [Fact]
    public async Task A_capacity_error_at_the_beginning_of_a_stream_lets_the_next_target_answer()
    {
        var first = new ProviderEmulator().ThenRaw("data: {\"error\":{\"message\":\"Overloaded\",\"type\":\"overloaded_error\"}}\n\n", "text/event-stream");
        await using FastClient client = Emulated.Both(first, new ProviderEmulator().ThenAnswer("fine"));

        (await client.UpdatesAsync()).ToChatResponse().Text.Should().Be("fine");
    }

    private static void Assert(HarborException error, ErrorKind kind, bool isTransient, string? code)
    {
        error.Kind.Should().Be(kind);
        error.IsTransient.Should().Be(isTransient);
        error.ProviderCode.Should().Be(code);
        error.Provider.Should().Be("openai");
        error.RequestId.Should().BeOneOf(null, "req_emulated_1", "req_emulated_2");
    }
}
