using System.Runtime.CompilerServices;
using HarborClient.Pools;

namespace HarborClient.Transport;

/// <summary>Sends requests for one provider: through the process's shared handler, or through a handler of the caller's, which is never disposed.</summary>
internal sealed class HttpTransport : IDisposable
{
    private readonly HttpMessageInvoker _invoker;
    private readonly SharedHandlers.Lease? _lease;
    private readonly ResourceCounters _counters;
    private readonly Version _version;
    private readonly bool _maySettle;

    internal HttpTransport(Uri endpoint, TransportOptions options, bool propagatesTraceContext, HttpMessageHandler? callersHandler, ResourceCounters counters)
    {
        _counters = counters;
        // Only the platform's handler is known to let go of the attempt's token when the answer has been read; somebody else's may keep it.
        _maySettle = callersHandler is null or SocketsHttpHandler;
        _version = endpoint.Scheme == Uri.UriSchemeHttps ? System.Net.HttpVersion.Version20 : System.Net.HttpVersion.Version11;
        if (callersHandler is not null)
        {
            _invoker = new HttpMessageInvoker(callersHandler, disposeHandler: false);
            return;
        }

        _lease = SharedHandlers.Acquire(new HandlerKey(
            endpoint.GetLeftPart(UriPartial.Authority),
            options.ConnectTimeout,
            options.PooledConnectionLifetime,
            options.PooledConnectionIdleTimeout,
            options.MaxConnectionsPerServer,
            propagatesTraceContext));
        _invoker = _lease.Invoker;
    }

    /// <summary>Sends a request; returns when the headers of the answer are here.</summary>
    /// <param name="request">Owned by the exchange from here on, whatever happens.</param>
    /// <param name="body">The attempt's count on the body; the exchange releases it.</param>
    /// <param name="cancellationToken">The attempt's token.</param>
    /// <returns>The open exchange, which the caller closes.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<HttpExchange> SendAsync(HttpRequestMessage request, PooledBody body, CancellationToken cancellationToken)
    {
        request.Version = _version;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        _counters.ExchangeOpened();

        // A handler may put another content into the request, around this one; this one counts for the body until it is disposed.
        HttpContent? content = request.Content;
        try
        {
            HttpResponseMessage response = await _invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return new HttpExchange(request, content, response, body, mayDrain: _lease is null, _maySettle, _counters);
        }
        catch
        {
            request.Dispose();
            content?.Dispose();
            body.Release();
            _counters.ExchangeClosed();
            throw;
        }
    }

    public void Dispose() => _lease?.Dispose();
}
