using System.Diagnostics;

namespace HarborClient.Transport;

/// <summary>One socket handler per origin and connection settings, shared by all clients of the process and counted; the last client that leaves disposes it.</summary>
internal static class SharedHandlers
{
    private static readonly Lock Gate = new();

    // Guarded by Gate.
    private static readonly Dictionary<HandlerKey, Entry> Entries = [];

    internal static Lease Acquire(HandlerKey key)
    {
        lock (Gate)
        {
            if (!Entries.TryGetValue(key, out Entry? entry))
            {
                entry = new Entry(new HttpMessageInvoker(Create(key), disposeHandler: true));
                Entries.Add(key, entry);
            }

            entry.Users++;
            return new Lease(key, entry.Invoker);
        }
    }

    private static void Release(HandlerKey key)
    {
        Entry entry;
        lock (Gate)
        {
            entry = Entries[key];
            if (--entry.Users > 0) return;
            Entries.Remove(key);
        }

        entry.Invoker.Dispose();
    }

    private static SocketsHttpHandler Create(HandlerKey key) => new()
    {
        ConnectTimeout = key.ConnectTimeout,
        PooledConnectionLifetime = key.PooledConnectionLifetime,
        PooledConnectionIdleTimeout = key.PooledConnectionIdleTimeout,
        MaxConnectionsPerServer = key.MaxConnectionsPerServer,
        EnableMultipleHttp2Connections = true,

        // A host that died without a word is noticed on HTTP/2 within 45 s (numbers: gRPC's keep-alive guidance).
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(15),

        // A redirect would carry the key and the prompt to an address that nobody configured.
        AllowAutoRedirect = false,
        UseCookies = false,

        // Plain answers are decompressed by our own reader, which counts the bytes; streams are not compressed.
        AutomaticDecompression = System.Net.DecompressionMethods.None,

        // Leaving a stream must close it at once; the default drains for up to 2 s while the host goes on generating.
        ResponseDrainTimeout = TimeSpan.Zero,
        MaxResponseDrainSize = 0,

        ActivityHeadersPropagator = key.PropagatesTraceContext ? DistributedContextPropagator.Current : null,
    };

    private sealed class Entry(HttpMessageInvoker invoker)
    {
        internal HttpMessageInvoker Invoker { get; } = invoker;

        internal int Users { get; set; }
    }

    /// <summary>One client's share of a handler. Dispose it once.</summary>
    internal sealed class Lease(HandlerKey key, HttpMessageInvoker invoker) : IDisposable
    {
        private int _isReturned;

        internal HttpMessageInvoker Invoker { get; } = invoker;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReturned, 1) == 0) Release(key);
        }
    }
}
