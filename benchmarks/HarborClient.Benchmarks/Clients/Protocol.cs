using System.Net;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Clients;

/// <summary>How client and upstream talk.</summary>
internal enum Protocol
{
    /// <summary>Plain HTTP/1.1.</summary>
    Http1,

    /// <summary>HTTP/2 over TLS.</summary>
    Http2,
}

/// <summary>Handlers for clients that are measured.</summary>
internal static class Handlers
{
    /// <summary>As most programs have it: defaults, and over TLS the upstream's own certificate accepted.</summary>
    internal static SocketsHttpHandler Create(Protocol protocol)
    {
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        if (protocol == Protocol.Http2) handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == LoopbackCertificate.Subject;
        return handler;
    }

    /// <summary>
    /// HTTP/2 for HarborClient, whose own handler would not accept the certificate. Like its own it follows no redirects and keeps no cookies: what it costs
    /// a user is measured, over both protocols with the same settings.
    /// </summary>
    internal static SocketsHttpHandler CreateForHarbor()
    {
        SocketsHttpHandler handler = Create(Protocol.Http2);
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        return handler;
    }

    internal static Version VersionOf(Protocol protocol) => protocol == Protocol.Http2 ? HttpVersion.Version20 : HttpVersion.Version11;

    /// <summary>An HttpClient for an SDK whose requests ask for HTTP/1.1 whatever the address.</summary>
    internal static HttpClient CreateClient(Protocol protocol) => new(new VersionHandler(Create(protocol), VersionOf(protocol)));

    private sealed class VersionHandler(HttpMessageHandler inner, Version version) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Version = version;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
