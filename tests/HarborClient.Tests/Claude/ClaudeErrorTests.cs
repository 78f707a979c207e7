using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Claude;

// What Claude, and whatever stands before it, answers, and the error it becomes.
public sealed class ClaudeErrorTests
{
    public static TheoryData<Case> Cases =>
    [
        new("wrong key", 401, Error("authentication_error", "invalid x-api-key"), ErrorKind.Authentication) { Code = "authentication_error" },
        new("no billing", 402, Error("billing_error", "Payment required"), ErrorKind.QuotaExhausted) { Code = "billing_error" },
        new("no permission", 403, Error("permission_error", "Your API key does not have permission"), ErrorKind.Authentication) { Code = "permission_error" },
        new("unknown model", 404, Error("not_found_error", "model: claude-9"), ErrorKind.NotFound) { Code = "not_found_error", Says = "claude-9" },
        new("wrong address", 404, "<html>nginx</html>", ErrorKind.NotFound),
        new("conflict", 409, Error("conflict_error", "Conflict"), ErrorKind.Conflict) { IsTransient = true, Code = "conflict_error" },
        new("too large", 413, Error("request_too_large", "Request exceeds the maximum size"), ErrorKind.TooLarge) { Code = "request_too_large" },
        new("too large, a proxy's page", 413, "<html><head><title>413 Request Entity Too Large</title></head></html>", ErrorKind.TooLarge) { Says = "413 Request Entity" },
        new("bad parameter", 400, Error("invalid_request_error", "temperature: range: 0..1"), ErrorKind.InvalidRequest) { Code = "invalid_request_error", Says = "range: 0..1" },
        new("prompt too long", 400, Error("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), ErrorKind.ContextTooLong) { Code = "invalid_request_error" },
        new("prompt and answer too long", 400, Error("invalid_request_error", "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"), ErrorKind.ContextTooLong) { Code = "invalid_request_error" },
        new("no credit", 400, Error("invalid_request_error", "Your credit balance is too low to access the Anthropic API."), ErrorKind.QuotaExhausted) { Code = "invalid_request_error" },
        new("own limit reached", 400, Error("invalid_request_error", "You have reached your specified API usage limits."), ErrorKind.QuotaExhausted) { Code = "invalid_request_error" },
        new("filtered", 400, Error("invalid_request_error", "Output blocked by content filtering policy"), ErrorKind.ContentFiltered) { Code = "invalid_request_error" },
        new("rate limit", 429, Error("rate_limit_error", "This request would exceed your rate limit"), ErrorKind.RateLimited) { IsTransient = true, Code = "rate_limit_error", Header = ("retry-after", "12"), RetryAfter = 12 },
        new("rate limit not worth a retry", 429, Error("rate_limit_error", "Extra usage is required"), ErrorKind.RateLimited) { Code = "rate_limit_error", Header = ("x-should-retry", "false") },
        new("bad request worth a retry", 400, Error("invalid_request_error", "odd"), ErrorKind.InvalidRequest) { IsTransient = true, Code = "invalid_request_error", Header = ("x-should-retry", "true") },
        new("server error", 500, Error("api_error", "Internal server error"), ErrorKind.Provider) { IsTransient = true, Code = "api_error" },
        new("unavailable", 503, "upstream connect error", ErrorKind.Overloaded) { IsTransient = true, Says = "upstream connect error" },
        new("timeout", 504, Error("timeout_error", "Request timed out"), ErrorKind.Provider) { IsTransient = true, Code = "timeout_error" },
        new("overloaded", 529, Error("overloaded_error", "Overloaded"), ErrorKind.Overloaded) { IsTransient = true, Code = "overloaded_error" },
        new("nothing but a status", 529, "", ErrorKind.Overloaded) { IsTransient = true },
        new("a proxy's page", 502, "<html>Bad Gateway</html>", ErrorKind.Provider) { IsTransient = true, Says = "Bad Gateway" },
    ];

    public static TheoryData<string, ErrorKind, bool> InAStream => new()
    {
        { "overloaded_error", ErrorKind.Overloaded, true },
        { "api_error", ErrorKind.Provider, true },
        { "timeout_error", ErrorKind.Provider, true },
        { "rate_limit_error", ErrorKind.RateLimited, true },
        { "invalid_request_error", ErrorKind.InvalidRequest, false },
        { "authentication_error", ErrorKind.Authentication, false },
        { "brand_new_error", ErrorKind.Provider, true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_error_becomes_the_kind_that_says_what_to_do(Case row)
    {
        EmulatedReply reply = EmulatedReply.Raw(row.Body, row.Body.StartsWith('{') ? "application/json" : "text/html", row.Status).Header("request-id", "req_header");
        if (row.Header is { } header) reply.Header(header.Name, header.Value);
        await using FastClient client = ClaudeClients.Of(new ProviderEmulator().Otherwise(reply));

        foreach (HarborException error in new[] { await client.FailureAsync(), (await client.Awaiting(c => c.UpdatesAsync()).Should().ThrowAsync<HarborException>()).Which })
        {
            error.Kind.Should().Be(row.Kind);
            error.IsTransient.Should().Be(row.IsTransient);
            ((int?)error.StatusCode).Should().Be(row.Status);
            error.ProviderCode.Should().Be(row.Code);
            error.RequestId.Should().Be("req_header");
            error.RetryAfter.Should().Be(row.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
            error.Provider.Should().Be("claude");
            if (row.Says is { } words) error.Message.Should().Contain(words);
        }

        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(InAStream))]
    public async Task An_error_in_a_stream_is_its_own_before_the_answer_and_an_interruption_within_it(string type, ErrorKind kind, bool isTransient)
    {
        string error = $$$"""{"type":"error","error":{"details":null,"type":"{{{type}}}","message":"no luck"},"request_id":"req_body"}""";
        string[] start = ["""{"type":"message_start","message":{"id":"msg_1","model":"m","content":[],"usage":{"input_tokens":3,"output_tokens":1}}}"""];
        string[] text = ["""{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""", """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"so far"}}"""];
        var provider = new ProviderEmulator().ThenReply(ClaudeClients.Events([.. start, error])).ThenReply(ClaudeClients.Events([.. start, .. text, error]));
        await using FastClient client = ClaudeClients.Of(provider);

        HarborException before = (await client.Awaiting(c => c.UpdatesAsync()).Should().ThrowAsync<HarborException>()).Which;
        StreamInterruptedException within = (await client.Awaiting(c => c.UpdatesAsync()).Should().ThrowAsync<StreamInterruptedException>()).Which;

        (before.Kind, before.IsTransient, before.ProviderCode, before.RequestId, before.StatusCode).Should().Be((kind, isTransient, type, "req_body", null));
        (within.Kind, within.IsTransient, within.Partial.Text, within.Partial.Usage!.InputTokenCount).Should().Be((ErrorKind.Interrupted, isTransient, "so far", 3));
        within.Message.Should().Contain("no luck");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task An_error_with_status_200_is_an_error()
    {
        await using FastClient client = ClaudeClients.Of(new ProviderEmulator().Otherwise(EmulatedReply.Raw(Error("overloaded_error", "Overloaded"), "application/json")));

        (await client.FailureAsync()).Kind.Should().Be(ErrorKind.Overloaded);
    }

    private static string Error(string type, string message) => $$"""{"type":"error","error":{"type":"{{type}}","message":"{{message}}"},"request_id":"req_body"}""";

    public sealed record Case(string Name, int Status, string Body, ErrorKind Kind)
    {
        public bool IsTransient { get; init; }

        public string? Code { get; init; }

        public string? Says { get; init; }

        public double? RetryAfter { get; init; }

        public (string Name, string Value)? Header { get; init; }

        public override string ToString() => Name;
    }
}
