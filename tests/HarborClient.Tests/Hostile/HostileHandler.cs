using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace HarborClient.Tests.Hostile;

// A host made of a function, in memory. Reads every request to its end and keeps it.
internal sealed class HostileHandler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    private readonly ConcurrentQueue<string> _requests = new();

    public HostileHandler(Func<HttpResponseMessage> answer) : this((_, _) => Task.FromResult(answer()))
    {
    }

    public IReadOnlyList<string> Requests => [.. _requests];

    // Answers every request with the same body.
    public static HostileHandler Answering(string body, string contentType = Wire.Json, int status = 200) => Answering(Encoding.UTF8.GetBytes(body), contentType, status);

    public static HostileHandler Answering(byte[] body, string contentType = Wire.Json, int status = 200, string? contentEncoding = null) =>
        new(() => Wire.Reply(new HostileBody(body), contentType, status, contentEncoding));

    public static HostileHandler Streaming(Func<HostileBody> body) => new(() => Wire.Reply(body(), Wire.EventStream));

    // Never answers, and does with the token what the test wants.
    public static HostileHandler Waiting(Action<CancellationToken> onToken) => new(async (_, token) =>
    {
        onToken(token);
        await Forever(token);
        throw new InvalidOperationException("forever is over");
    });

    public static async Task Forever(CancellationToken token)
    {
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await never.Task.WaitAsync(token);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        _requests.Enqueue(await request.Content!.ReadAsStringAsync(cancellationToken));
        return await answer(request, cancellationToken);
    }
}

// Bodies as they are on the wire.
internal static class Wire
{
    public const string Json = "application/json";
    public const string EventStream = "text/event-stream";
    public const string Done = "data: [DONE]\n\n";
    public const string End = """data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n" + Done;

    public static string Event(string content, string id = "x", string model = "m") =>
        $$$"""data: {"id":"{{{id}}}","model":"{{{model}}}","choices":[{"index":0,"delta":{"content":"{{{content}}}"}}]}""" + "\n\n";

    public static string ToolEvent(string fragment) => $$$"""data: {"choices":[{"index":0,"delta":{"tool_calls":[{{{fragment}}}]}}]}""" + "\n\n";

    public static string Whole(string content) =>
        $$"""{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{{content}}"},"finish_reason":"stop"}]}""";

    public static string Error(string escapedMessage, string code = "bad") => $$$"""{"error":{"message":"{{{escapedMessage}}}","code":"{{{code}}}"}}""";

    public static string Repeated(string text, int count) => new StringBuilder(text.Length * count).Insert(0, text, count).ToString();

    // Every letter as \uXXXX.
    public static string Escaped(string text) => string.Concat(text.Select(letter => $"\\u{(int)letter:x4}"));

    public static HttpResponseMessage Reply(Stream body, string contentType, int status = 200, string? contentEncoding = null)
    {
        var content = new StreamContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        if (contentEncoding is not null) content.Headers.TryAddWithoutValidation("Content-Encoding", contentEncoding);
        return new HttpResponseMessage((HttpStatusCode)status) { Content = content };
    }
}
