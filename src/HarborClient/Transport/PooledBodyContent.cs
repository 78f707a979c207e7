using System.Net;
using HarborClient.Pools;

namespace HarborClient.Transport;

// Hot path: one per attempt with a long body.

/// <summary>Sends a <see cref="PooledBody"/>, holding a count on it for as long as the handler is writing. On HTTP/2 an answer may come before all has been sent.</summary>
internal sealed class PooledBodyContent : HttpContent
{
    private readonly PooledBody _body;

    private PooledBodyContent(PooledBody body) => _body = body;

    /// <summary>The content for a body that has been written.</summary>
    internal static HttpContent Of(PooledBody body) => body.IsArray(out ArraySegment<byte> array) ? new PooledArrayContent(body, array) : new PooledBodyContent(body);

    internal static HttpRequestException Late() => new(HttpRequestError.Unknown, "The attempt has ended; its body may not be sent any more.");

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!_body.TryAddReference()) throw Late();
        try
        {
            foreach (ReadOnlyMemory<byte> piece in _body.Content) await stream.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _body.Release();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
