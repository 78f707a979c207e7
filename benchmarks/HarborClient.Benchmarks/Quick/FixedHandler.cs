using System.Net;
using System.Net.Http.Headers;

namespace HarborClient.Benchmarks.Quick;

/// <summary>Takes a request in whole and answers it with the same bytes every time, in memory, synchronously: no socket, so all that is measured is the client.</summary>
internal sealed class FixedHandler(byte[] body, string contentType) : HttpMessageHandler
{
    private readonly MediaTypeHeaderValue _contentType = new(contentType);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await request.Content!.CopyToAsync(Stream.Null, cancellationToken);
        var content = new StreamContent(new MemoryStream(body, writable: false));
        content.Headers.ContentType = _contentType;
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request };
    }
}
