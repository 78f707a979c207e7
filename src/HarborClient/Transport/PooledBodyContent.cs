using System.Buffers;
using System.Net;
using HarborClient.Pools;

namespace HarborClient.Transport;

// Hot path: one per attempt. A body in one piece is sent without a state machine: the handler awaits the stream's own task.

/// <summary>
/// Sends a <see cref="PooledBody"/>, holding a count on it for as long as the handler is writing. A handler may serialize it more than once, and may
/// still be at it when the request is disposed.
/// </summary>
internal sealed class PooledBodyContent(PooledBody body) : HttpContent
{
    // The writing whose count has not been given back. Changed by Interlocked.
    private Task? _writing;
    private bool _isDisposed;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!body.TryAddReference()) throw new HttpRequestException(HttpRequestError.Unknown, "The attempt has ended; its body may not be sent any more.");
        Task writing = WriteAsync(stream, body.Content, cancellationToken);
        if (writing.IsCompleted) body.Release();
        else ReleaseAfter(writing);
        return writing;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        Volatile.Write(ref _isDisposed, true);
        Settle(null);
        base.Dispose(disposing);
    }

    private static Task WriteAsync(Stream stream, in ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        if (!content.IsSingleSegment) return WritePiecesAsync(stream, content, cancellationToken);
        try
        {
            return stream.WriteAsync(content.First, cancellationToken).AsTask();
        }
        catch (Exception e)
        {
            return Task.FromException(e);
        }
    }

    private static async Task WritePiecesAsync(Stream stream, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        foreach (ReadOnlyMemory<byte> piece in content) await stream.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Remembers a writing that goes on, whose count is given back when the request is disposed. A continuation would cost every request an object more.</summary>
    private void ReleaseAfter(Task writing)
    {
        Settle(writing);
        if (Volatile.Read(ref _isDisposed)) Settle(null);
    }

    /// <summary>Puts another writing in the place of the one that was remembered, and gives back that one's count as soon as it has ended.</summary>
    private void Settle(Task? next)
    {
        if (Interlocked.Exchange(ref _writing, next) is not { } writing) return;
        if (writing.IsCompleted) body.Release();
        else writing.ContinueWith(static (_, sent) => ((PooledBody)sent!).Release(), body, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
