using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Gemini;

// What Google answers, and the error it becomes.
public sealed class GeminiErrorTests
{
    private const string Retry = """{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}""";

    public static TheoryData<Case> Cases =>
    [
        new("wrong key", 400, Body(400, "INVALID_ARGUMENT", Info("API_KEY_INVALID")), ErrorKind.Authentication) { Code = "INVALID_ARGUMENT" },
        new("bad argument", 400, Body(400, "INVALID_ARGUMENT"), ErrorKind.InvalidRequest) { Code = "INVALID_ARGUMENT" },
        new("region or billing", 400, Body(400, "FAILED_PRECONDITION"), ErrorKind.Authentication) { Code = "FAILED_PRECONDITION" },
        new("too long", 400, Body(400, "INVALID_ARGUMENT", message: "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."), ErrorKind.ContextTooLong) { Code = "INVALID_ARGUMENT" },
        new("too large", 400, Body(400, "INVALID_ARGUMENT", message: "Request payload size exceeds the limit: 20971520 bytes."), ErrorKind.TooLarge) { Code = "INVALID_ARGUMENT" },
        new("no token", 401, Body(401, "UNAUTHENTICATED"), ErrorKind.Authentication) { Code = "UNAUTHENTICATED" },
        new("not allowed", 403, Body(403, "PERMISSION_DENIED", Info("SERVICE_DISABLED")), ErrorKind.Authentication) { Code = "PERMISSION_DENIED" },
        new("unknown model", 404, Body(404, "NOT_FOUND"), ErrorKind.NotFound) { Code = "NOT_FOUND" },
        new("wrong path", 404, "", ErrorKind.NotFound),
        new("aborted", 409, Body(409, "ABORTED"), ErrorKind.Conflict) { IsTransient = true, Code = "ABORTED" },
        new("a minute's quota", 429, Body(429, "RESOURCE_EXHAUSTED", Quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier") + "," + Retry), ErrorKind.RateLimited) { IsTransient = true, Code = "RESOURCE_EXHAUSTED", RetryAfter = 34.4 },
        new("a day's quota", 429, Body(429, "RESOURCE_EXHAUSTED", Retry + "," + Quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier")), ErrorKind.QuotaExhausted) { Code = "RESOURCE_EXHAUSTED", RetryAfter = 34.4 },
        new("wait in the text", 429, Body(429, "RESOURCE_EXHAUSTED", message: "You exceeded your quota. Please retry in 12.5s."), ErrorKind.RateLimited) { IsTransient = true, Code = "RESOURCE_EXHAUSTED", RetryAfter = 12.5 },
        new("wait in a header", 429, Body(429, "RESOURCE_EXHAUSTED", Retry), ErrorKind.RateLimited) { IsTransient = true, Code = "RESOURCE_EXHAUSTED", Header = ("retry-after", "7"), RetryAfter = 7 },
        new("a wait that is nonsense", 429, Body(429, "RESOURCE_EXHAUSTED", """{"retryDelay":"soons"},{"retryDelay":"1e999s"},7"""), ErrorKind.RateLimited) { IsTransient = true, Code = "RESOURCE_EXHAUSTED" },
        new("no details", 429, "", ErrorKind.RateLimited) { IsTransient = true },
        new("cancelled", 499, Body(499, "CANCELLED"), ErrorKind.Provider) { Code = "CANCELLED" },
        new("internal", 500, Body(500, "INTERNAL"), ErrorKind.Provider) { IsTransient = true, Code = "INTERNAL" },
        new("not implemented", 501, Body(501, "UNIMPLEMENTED"), ErrorKind.Provider) { Code = "UNIMPLEMENTED" },
        new("a proxy's page", 502, "<html><h1>502</h1></html>", ErrorKind.Provider) { IsTransient = true },
        new("overloaded", 503, Body(503, "UNAVAILABLE"), ErrorKind.Overloaded) { IsTransient = true, Code = "UNAVAILABLE" },
        new("deadline", 504, Body(504, "DEADLINE_EXCEEDED"), ErrorKind.Provider) { IsTransient = true, Code = "DEADLINE_EXCEEDED" },
        new("in a list", 429, $"[{Body(429, "RESOURCE_EXHAUSTED", Retry)}]", ErrorKind.RateLimited) { IsTransient = true, Code = "RESOURCE_EXHAUSTED", RetryAfter = 34.4 },
        new("inside an answer", 200, Body(503, "UNAVAILABLE"), ErrorKind.Overloaded) { IsTransient = true, Code = "UNAVAILABLE" },
        new("inside an answer, by its word", 200, """{"error":{"message":"m","status":"RESOURCE_EXHAUSTED"}}""", ErrorKind.RateLimited) { IsTransient = true, Code = "RESOURCE_EXHAUSTED" },
        new("inside an answer, as text", 200, """{"error":"boom"}""", ErrorKind.Provider) { IsTransient = true },
        new("told not to retry", 503, Body(503, "UNAVAILABLE"), ErrorKind.Overloaded) { Code = "UNAVAILABLE", Header = ("x-should-retry", "false") },
        new("odd details", 400, """{"error":{"code":"x","message":7,"status":["y"],"details":[null,{"violations":[1,{"quotaId":2}]},{"\ud800":1}]}}""", ErrorKind.InvalidRequest) { Code = "x" },
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_hosts_error_becomes_this(Case expected)
    {
        EmulatedReply reply = EmulatedReply.Raw(expected.Body, expected.Body.StartsWith('<') ? "text/html" : "application/json", expected.Status);
        if (expected.Header is { } header) reply.Header(header.Name, header.Value);
        await using FastClient client = GeminiClients.Create(new ProviderEmulator().Otherwise(reply), builder => builder.UseMode(PerformanceMode.Fast));
        Func<Task> stream = () => client.UpdatesAsync();

        HarborException plain = await client.FailureAsync();
        HarborException streamed = (await stream.Should().ThrowAsync<HarborException>()).Which;

        foreach (HarborException error in new[] { plain, streamed })
        {
            error.Kind.Should().Be(expected.Kind);
            error.IsTransient.Should().Be(expected.IsTransient);
            error.ProviderCode.Should().Be(expected.Code);
            error.RetryAfter.Should().Be(expected.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
            error.Provider.Should().Be("gemini");
            if (expected.Status >= 400) ((int?)error.StatusCode).Should().Be(expected.Status);
        }

        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static string Body(int code, string status, string details = "", string message = "Something is wrong.") =>
        $$$"""{"error":{"code":{{{code}}},"message":"{{{message}}}","status":"{{{status}}}","details":[{{{details}}}]}}""";

    private static string Info(string reason) => $$"""{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"{{reason}}","domain":"googleapis.com"}""";

    private static string Quota(string id) => $$"""{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"{{id}}"}]}""";

    public sealed record Case(string Name, int Status, string Body, ErrorKind Kind)
    {
        public bool IsTransient { get; init; }

        public string? Code { get; init; }

        public double? RetryAfter { get; init; }

        public (string Name, string Value)? Header { get; init; }

        public override string ToString() => Name;
    }
}
