using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using HarborClient.Errors;
using HarborClient.Pools;

namespace HarborClient.Transport;

/// <summary>One open answer: its headers, its decoded body, and the way to leave it. One owner: the attempt's reader.</summary>
internal sealed class HttpExchange(HttpRequestMessage request, HttpContent? content, HttpResponseMessage response, PooledBody body, bool mayDrain, bool maySettle, ResourceCounters counters)
{
    /// <summary>The most that is still read when an answer is left before its end.</summary>
    internal const int LeavingBytes = 4096;

    private Stream? _network;
    private Stream? _decoded;
    private int _isClosed;

    /// <summary>The decoded body, once it is open.</summary>
    internal Stream Body => _decoded!;

    internal Uri Address => request.RequestUri!;

    internal HttpStatusCode Status => response.StatusCode;

    internal HttpResponseHeaders Headers => response.Headers;

    internal HttpContentHeaders ContentHeaders => response.Content.Headers;

    internal bool IsSuccess => response.IsSuccessStatusCode;

    /// <summary>
    /// Whether the handler has finished with the exchange and the attempt's token, so that the next attempt may use the same clocks: the answer was read to
    /// its end and the request was sent. Never true with a handler that is not the platform's.
    /// </summary>
    internal bool IsSettled { get; private set; }

    /// <summary>Whether the host says that it streams events.</summary>
    internal bool IsEventStream => ContentType is { } type && type.AsSpan().TrimStart().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The length that the host declares, by the way that makes no objects: the platform's HTTP/1.1 has read the typed header already, and the text would be
    /// made of it anew; otherwise it is the typed one that would be made.
    /// </summary>
    internal long? ContentLength => maySettle && response.Version.Major == 1 ? ContentHeaders.ContentLength : DeclaredLength;

    private long? DeclaredLength =>
        ContentHeaders.NonValidated.TryGetValues("Content-Length", out HeaderStringValues values) && long.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long length) ? length : null;

    internal string? ContentType => ContentHeaders.NonValidated.TryGetValues("Content-Type", out HeaderStringValues values) ? values.ToString() : null;

    /// <summary>Opens the body, decompressed. The exchange owns the stream.</summary>
    internal ValueTask<Stream> OpenBodyAsync(CancellationToken cancellationToken)
    {
        // The contents of the platform's handler have their stream at hand, and would make a task for it. Somebody else's might block.
        if (!maySettle) return OpenOthersAsync(cancellationToken);
        return new ValueTask<Stream>(Open(response.Content.ReadAsStream(cancellationToken)));
    }

    private async ValueTask<Stream> OpenOthersAsync(CancellationToken cancellationToken) =>
        Open(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));

    private Stream Open(Stream network)
    {
        _network = network;
        return _decoded = Decode(network);
    }

    /// <summary>The answer was read to its end: the connection can serve the next call.</summary>
    internal void CloseAtEnd()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0) return;
        Free();
        IsSettled = maySettle && body.IsReturned;
    }

    /// <summary>
    /// Leaves an answer that has not ended. Disposing alone lets a caller's handler drain the rest for up to 2 s while the host keeps generating; a copy
    /// that is parked and then cancelled makes any handler close the exchange now (connection on HTTP/1.1, RST_STREAM on HTTP/2). Ours never drains.
    /// </summary>
    internal void CloseEarly()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0) return;
        if (mayDrain && _network is not null) ParkAndCancel(_network);
        Free();
    }

    /// <summary>A copy that stands still can be cancelled, whether the host is silent (it waits to read) or never stops sending (it waits to write).</summary>
    private static void ParkAndCancel(Stream stream)
    {
        using var leaving = new CancellationTokenSource();
        Task copy;
        try
        {
            copy = stream.CopyToAsync(new ParkingStream(), LeavingBytes, leaving.Token);
        }
        catch (Exception)
        {
            // The stream is already torn down, or a handler's own stream is at fault; leaving is all that was wanted.
            return;
        }

        if (!copy.IsCompleted) leaving.Cancel();
        Forget(copy);
    }

    /// <summary>Looks at a fault, so that it does not surface as an unobserved exception: the copy was started only to be cancelled.</summary>
    private static void Forget(Task copy) =>
        copy.ContinueWith(static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private Stream Decode(Stream network)
    {
        if (!ContentHeaders.NonValidated.TryGetValues("Content-Encoding", out HeaderStringValues values)) return network;
        return Decompressed(network, values.ToString().Trim());
    }

    /// <summary>A method by itself: a process that never needs a decompressor does not load them.</summary>
    private Stream Decompressed(Stream network, string encoding) => encoding.ToLowerInvariant() switch
    {
        "" or "identity" => network,
        "gzip" or "x-gzip" => new GZipStream(network, CompressionMode.Decompress, leaveOpen: true),
        "br" => new BrotliStream(network, CompressionMode.Decompress, leaveOpen: true),
        "deflate" => new ZLibStream(network, CompressionMode.Decompress, leaveOpen: true),
        _ => throw ErrorFactory.Unreadable(Address.Authority, $"its Content-Encoding '{ErrorFactory.Quote(encoding)}' is unknown", ContentType, Status, null),
    };

    private void Free()
    {
        try
        {
            if (!ReferenceEquals(_decoded, _network)) _decoded?.Dispose();
            response.Dispose();
            request.Dispose();
        }
        catch (Exception)
        {
            // A caller's handler may have streams that throw when disposed; what is ours is given back all the same, and the answer stays what it was.
        }
        finally
        {
            content?.Dispose();
            body.Release();
            counters.ExchangeClosed();
        }
    }
}
