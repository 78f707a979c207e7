using System.Net;
using HarborClient.Pools;

namespace HarborClient.Transport;

// Hot path: one per attempt.

/// <summary>Sends a <see cref="PooledBody"/>, holding a count on it for as long as the handler is writing.</summary>
internal sealed class PooledBodyContent(PooledBody body) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!body.TryAddReference()) throw new HttpRequestException(HttpRequestError.Unknown, "The attempt has ended; its body may not be sent any more.");
        try
        {
            foreach (ReadOnlyMemory<byte> piece in body.Content) await stream.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            body.Release();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
