using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Errors;

// What hosts of the OpenAI family answer, and the error it becomes.
public sealed class ErrorMappingTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<Case> Cases =>
    [
        // OpenAI's own object.
        new("wrong key", 401, """{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}""", ErrorKind.Authentication) { Code = "invalid_api_key" },
        new("forbidden", 403, """{"error":{"message":"Country not supported","type":"request_forbidden","param":null,"code":"unsupported_country_region_territory"}}""", ErrorKind.Authentication) { Code = "unsupported_country_region_territory" },
        new("bad parameter", 400, """{"error":{"message":"Unknown parameter: 'x'.","type":"invalid_request_error","param":"x","code":"unknown_parameter"}}""", ErrorKind.InvalidRequest) { Code = "unknown_parameter" },
        new("no code, only a type", 400, """{"error":{"message":"Wrong.","type":"invalid_request_error","param":null,"code":null}}""", ErrorKind.InvalidRequest) { Code = "invalid_request_error" },
        new("unknown model", 404, """{"error":{"message":"The model `x` does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}}""", ErrorKind.NotFound) { Code = "model_not_found" },
        new("unknown model as 400", 400, """{"error":{"message":"No such model","type":"invalid_request_error","code":"model_not_found"}}""", ErrorKind.NotFound) { Code = "model_not_found" },
        new("Azure's missing deployment", 404, """{"error":{"code":"DeploymentNotFound","message":"The API deployment does not exist."}}""", ErrorKind.NotFound) { Code = "DeploymentNotFound" },
        new("wrong path", 404, "", ErrorKind.NotFound),
        new("wrong method", 405, """{"error":{"message":"Not allowed to POST"}}""", ErrorKind.NotFound),
        new("gone", 410, "", ErrorKind.NotFound),
        new("timeout of the host", 408, "", ErrorKind.Provider) { IsTransient = true },
        new("conflict", 409, """{"error":{"message":"Try again.","type":"conflict"}}""", ErrorKind.Conflict) { IsTransient = true, Code = "conflict" },
        new("body too large", 413, "<html>413 Request Entity Too Large</html>", ErrorKind.TooLarge),
        new("unprocessable", 422, """{"detail":[{"loc":["body","messages"],"msg":"field required","type":"value_error.missing"}]}""", ErrorKind.InvalidRequest) { Says = "field required" },
        new("teapot", 418, "", ErrorKind.InvalidRequest),

        // Too much, too fast.
        new("rate limit", 429, """{"error":{"message":"Rate limit reached.","type":"requests","param":null,"code":"rate_limit_exceeded"}}""", ErrorKind.RateLimited) { IsTransient = true, Code = "rate_limit_exceeded" },
        new("rate limit without a body", 429, "", ErrorKind.RateLimited) { IsTransient = true },
        new("wait in seconds", 429, "", ErrorKind.RateLimited) { IsTransient = true, Headers = ("retry-after", "7"), RetryAfter = 7 },
        new("wait as a fraction", 429, "", ErrorKind.RateLimited) { IsTransient = true, Headers = ("retry-after", "0.5"), RetryAfter = 0.5 },
        new("wait as a date", 429, "", ErrorKind.RateLimited) { IsTransient = true, Headers = ("retry-after", "Thu, 01 Jan 2026 00:01:30 GMT"), RetryAfter = 90 },
        new("wait as a date that has passed", 429, "", ErrorKind.RateLimited) { IsTransient = true, Headers = ("retry-after", "Wed, 31 Dec 2025 23:00:00 GMT"), RetryAfter = 0 },
        new("wait in milliseconds", 429, "", ErrorKind.RateLimited) { IsTransient = true, Headers = ("retry-after-ms", "1500"), RetryAfter = 1.5 },
        new("a negative wait", 429, "", ErrorKind.RateLimited) { IsTransient = true, Headers = ("retry-after", "-5"), RetryAfter = 0 },
        new("a wait of years", 429, "", ErrorKind.RateLimited) { IsTransient = true, Headers = ("retry-after", "999999999999"), RetryAfter = 31 * 86_400 },
        new("a wait that is nonsense", 429, "", ErrorKind.RateLimited) { IsTransient = true, Headers = ("retry-after", "soon") },
        new("a wait that is no number", 429, "", ErrorKind.RateLimited) { IsTransient = true, Headers = ("retry-after", "NaN") },
        new("wait in the text, seconds", 429, """{"error":{"message":"Rate limit reached. Please try again in 1.78s. Visit…","code":"rate_limit_exceeded"}}""", ErrorKind.RateLimited) { IsTransient = true, Code = "rate_limit_exceeded", RetryAfter = 1.78 },
        new("wait in the text, milliseconds", 429, """{"error":{"message":"Please try again in 20ms.","code":"rate_limit_exceeded"}}""", ErrorKind.RateLimited) { IsTransient = true, Code = "rate_limit_exceeded", RetryAfter = 0.02 },
        new("wait in the text, minutes and seconds", 429, """{"error":{"message":"Please try again in 6m30s.","code":"rate_limit_exceeded"}}""", ErrorKind.RateLimited) { IsTransient = true, Code = "rate_limit_exceeded", RetryAfter = 390 },
        new("wait in the text, hours", 429, """{"error":{"message":"Please try again in 1h2m3.5s.","code":"rate_limit_exceeded"}}""", ErrorKind.RateLimited) { IsTransient = true, Code = "rate_limit_exceeded", RetryAfter = 3723.5 },
        new("wait in the text that is no time", 429, """{"error":{"message":"Please try again in 5 business days.","code":"rate_limit_exceeded"}}""", ErrorKind.RateLimited) { IsTransient = true, Code = "rate_limit_exceeded" },
        new("wait in a header outweighs the text", 429, """{"error":{"message":"Please try again in 20ms.","code":"rate_limit_exceeded"}}""", ErrorKind.RateLimited) { IsTransient = true, Code = "rate_limit_exceeded", Headers = ("retry-after", "2"), RetryAfter = 2 },
        new("request alone over the limit", 429, """{"error":{"message":"Request too large for gpt-4o: Limit 30000, Requested 50000.","type":"tokens","code":"rate_limit_exceeded"}}""", ErrorKind.TooLarge) { Code = "rate_limit_exceeded" },
        new("no credit left", 429, """{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""", ErrorKind.QuotaExhausted) { Code = "insufficient_quota" },
        new("quota in the type only", 429, """{"error":{"message":"No more.","type":"insufficient_quota","code":null}}""", ErrorKind.QuotaExhausted) { Code = "insufficient_quota" },
        new("payment required", 402, """{"error":{"message":"Insufficient Balance","type":"unknown_error"}}""", ErrorKind.QuotaExhausted) { Code = "unknown_error" },
        new("billing limit", 400, """{"error":{"message":"Billing hard limit has been reached","type":"invalid_request_error","code":"billing_hard_limit_reached"}}""", ErrorKind.QuotaExhausted) { Code = "billing_hard_limit_reached" },

        // Too long, filtered.
        new("context, by code", 400, """{"error":{"message":"Too long.","type":"invalid_request_error","code":"context_length_exceeded"}}""", ErrorKind.ContextTooLong) { Code = "context_length_exceeded" },
        new("context, by vLLM's words", 400, """{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":null,"code":400}""", ErrorKind.ContextTooLong) { Code = "400" },
        new("context, by llama.cpp's type", 400, """{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}""", ErrorKind.ContextTooLong) { Code = "400" },
        new("context, as a 500", 500, """{"error":"input exceeds the context window"}""", ErrorKind.ContextTooLong),
        new("filter, OpenAI", 400, """{"error":{"message":"Rejected.","type":"invalid_request_error","code":"content_policy_violation"}}""", ErrorKind.ContentFiltered) { Code = "content_policy_violation" },
        new("filter, Azure", 400, """{"error":{"message":"The response was filtered.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}""", ErrorKind.ContentFiltered) { Code = "content_filter" },

        // Other people's shapes.
        new("vLLM, number as code", 404, """{"error":{"message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}}""", ErrorKind.NotFound) { Code = "404" },
        new("vLLM, flat", 400, """{"object":"error","message":"top_p must be in (0, 1]","type":"BadRequestError","param":null,"code":400}""", ErrorKind.InvalidRequest) { Code = "400", Says = "top_p" },
        new("xAI, text as error", 400, """{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xx***"}""", ErrorKind.InvalidRequest) { Code = "Client specified an invalid argument", Says = "Incorrect API key" },
        new("Mistral, detail as text", 401, """{"detail":"Unauthorized"}""", ErrorKind.Authentication) { Says = "Unauthorized" },
        new("Mistral, flat message", 400, """{"object":"error","message":"Invalid model: x","type":"invalid_model","param":null,"code":"1500","request_id":"req-in-body"}""", ErrorKind.InvalidRequest) { Code = "1500", RequestId = "req-in-body" },
        new("Ollama, text", 404, """{"error":"model 'x' not found"}""", ErrorKind.NotFound) { Says = "model 'x' not found" },
        new("llama.cpp, loading", 503, """{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}""", ErrorKind.Overloaded) { IsTransient = true, Code = "503", Says = "Loading model" },
        new("one gateway's list", 400, """[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}]""", ErrorKind.InvalidRequest) { Code = "400", Says = "API key not valid." },

        // Broken hosts.
        new("server error", 500, """{"error":{"message":"The server had an error.","type":"server_error","param":null,"code":null}}""", ErrorKind.Provider) { IsTransient = true, Code = "server_error" },
        new("not implemented", 501, "", ErrorKind.Provider),
        new("a proxy's page", 502, "<html><body><h1>502 Bad Gateway</h1></body></html>", ErrorKind.Provider) { IsTransient = true, Says = "502 Bad Gateway" },
        new("overloaded", 503, "", ErrorKind.Overloaded) { IsTransient = true },
        new("gateway timeout", 504, "upstream request timeout", ErrorKind.Provider) { IsTransient = true, Says = "upstream request timeout" },
        new("overloaded, Anthropic's number", 529, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", ErrorKind.Overloaded) { IsTransient = true, Code = "overloaded_error" },
        new("JSON that is no object", 500, "42", ErrorKind.Provider) { IsTransient = true },
        new("JSON that is cut", 500, """{"error":{"message":"The ser""", ErrorKind.Provider) { IsTransient = true },
        new("JSON that is far too deep", 500, new string('[', 5000), ErrorKind.Provider) { IsTransient = true },
        new("error that is null", 500, """{"error":null,"message":"hm"}""", ErrorKind.Provider) { IsTransient = true, Says = "hm" },

        // The host's own verdict outweighs ours.
        new("told to retry", 400, """{"error":{"message":"Wrong."}}""", ErrorKind.InvalidRequest) { IsTransient = true, Headers = ("x-should-retry", "true") },
        new("told not to retry", 503, "", ErrorKind.Overloaded) { Headers = ("x-should-retry", "false") },
        new("told nothing", 503, "", ErrorKind.Overloaded) { IsTransient = true, Headers = ("x-should-retry", "maybe") },
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_hosts_error_becomes_this(Case expected)
    {
        ProviderEmulator provider = Emulator(expected);
        await using FastClient client = Emulated.OpenAI(provider, h => h.UseTimeProvider(new ManualTimeProvider(Now)));

        HarborException error = await client.FailureAsync();

        error.Kind.Should().Be(expected.Kind);
        error.IsTransient.Should().Be(expected.IsTransient);
        error.ProviderCode.Should().Be(expected.Code);
        error.RetryAfter.Should().Be(expected.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        error.RequestId.Should().Be(expected.RequestId ?? "req-in-header");
        ((int?)error.StatusCode).Should().Be(expected.Status);
        error.Provider.Should().Be("openai");
        error.Model.Should().Be("gpt-4o-mini");
        error.Message.Should().Contain($"openai answered {expected.Status}").And.Contain(expected.Says);
        error.Message.Length.Should().BeLessThan(1200);
        error.Attempts.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Number = 1, Error = (ErrorKind?)expected.Kind, StatusCode = error.StatusCode });
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_stream_fails_with_the_same_error_before_its_first_update(Case expected)
    {
        await using FastClient client = Emulated.OpenAI(Emulator(expected), h => h.UseTimeProvider(new ManualTimeProvider(Now)));

        Func<Task> call = () => client.UpdatesAsync();

        HarborException error = (await call.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(expected.Kind);
        error.IsTransient.Should().Be(expected.IsTransient);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static ProviderEmulator Emulator(Case expected)
    {
        EmulatedReply reply = EmulatedReply.Raw(expected.Body, expected.Body.StartsWith('<') ? "text/html" : "application/json", expected.Status);
        if (expected.RequestId is null) reply.Header("x-request-id", "req-in-header");
        if (expected.Headers is { } header) reply.Header(header.Name, header.Value);
        return new ProviderEmulator().ThenReply(reply);
    }

    public sealed record Case(string Name, int Status, string Body, ErrorKind Kind)
    {
        public bool IsTransient { get; init; }

        public string? Code { get; init; }

        public double? RetryAfter { get; init; }

        public string? RequestId { get; init; }

        public (string Name, string Value)? Headers { get; init; }

        public string Says { get; init; } = "answered";

        public override string ToString() => Name;
    }
}
