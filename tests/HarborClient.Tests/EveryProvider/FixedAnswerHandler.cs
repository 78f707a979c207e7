using System.Net;

namespace HarborClient.Tests.EveryProvider;

// Reads a request to nowhere and answers in OpenAI's words, at once and on the caller's thread.
internal sealed class FixedAnswerHandler : HttpMessageHandler
{
    private static readonly byte[] Answer = """{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]}"""u8.ToArray();

    public long BytesRead { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await request.Content!.CopyToAsync(Stream.Null, cancellationToken);
        BytesRead = request.Content.Headers.ContentLength!.Value;
        var content = new ByteArrayContent(Answer);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }
}
