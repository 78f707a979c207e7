using System.Net;
using HarborClient.Pools;

namespace HarborClient.Transport;

// Hot path: one per attempt with a short body. Without a state machine: the handler awaits the stream's own task.

/// <summary>
/// Sends a short <see cref="PooledBody"/>, holding a count on it for as long as the handler is writing. A handler may serialize it more than once, and
/// may still be at it when the request is disposed.
/// </summary>
/// <remarks>A ByteArrayContent, because the platform's HTTP/2 sends one before it looks for an answer; with any other content it prepares for both at once, which costs more than sending a few kilobytes.</remarks>
internal sealed class PooledArrayContent(PooledBody body, ArraySegment<byte> array) : ByteArrayContent(array.Array!, array.Offset, array.Count)
{
    /// <summary>Stands for a writing where the request has been disposed.</summary>
    private static readonly Task Disposed = new(static () => { });

    // The writing whose count has not been given back. Changed by Interlocked.
    private Task? _writing;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!body.TryAddReference()) throw PooledBodyContent.Late();
        Task writing;
        try
        {
            writing = stream.WriteAsync(body.Content.First, cancellationToken).AsTask();
        }
        catch
        {
            body.Release();
            throw;
        }

        if (writing.IsCompleted) body.Release();
        else Remember(writing);
        return writing;
    }

    /// <summary>For handlers that write at once. The base would write the array without a count, whosever it is by then.</summary>
    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!body.TryAddReference()) throw PooledBodyContent.Late();
        try
        {
            stream.Write(body.Content.FirstSpan);
        }
        finally
        {
            body.Release();
        }
    }

    /// <summary>A copy: whoever reads it holds no count.</summary>
    protected override Stream CreateContentReadStream(CancellationToken cancellationToken)
    {
        if (!body.TryAddReference()) throw PooledBodyContent.Late();
        try
        {
            return new MemoryStream(body.Content.FirstSpan.ToArray(), writable: false);
        }
        finally
        {
            body.Release();
        }
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(CreateContentReadStream(CancellationToken.None));

    protected override void Dispose(bool disposing)
    {
        ReleaseAfter(Interlocked.Exchange(ref _writing, Disposed));
        base.Dispose(disposing);
    }

    /// <summary>Remembers a writing that goes on; its count is given back when the request is disposed. A continuation would cost every request one more object.</summary>
    private void Remember(Task writing)
    {
        Task? before = Interlocked.Exchange(ref _writing, writing);
        ReleaseAfter(ReferenceEquals(before, Disposed) ? Interlocked.Exchange(ref _writing, Disposed) : before);
    }

    /// <summary>Gives the count of a writing back as soon as that has ended.</summary>
    private void ReleaseAfter(Task? writing)
    {
        if (writing is null || ReferenceEquals(writing, Disposed)) return;
        if (writing.IsCompleted) body.Release();
        else writing.ContinueWith(static (_, sent) => ((PooledBody)sent!).Release(), body, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
