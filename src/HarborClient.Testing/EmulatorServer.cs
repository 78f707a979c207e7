using System.Net;
using System.Security.Cryptography.X509Certificates;
using HarborClient.Testing.Doors;
using HarborClient.Testing.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace HarborClient.Testing;

/// <summary>An emulator on a loopback port.</summary>
/// <remarks>Made by <see cref="ProviderEmulator.StartAsync"/>. Disposing it breaks off what is in flight, as a host that goes down does.</remarks>
public sealed class EmulatorServer : IAsyncDisposable
{
    // Requests in flight are broken off first, so this is only for Kestrel's own clean-up.
    private static readonly TimeSpan StopGuard = TimeSpan.FromSeconds(2);

    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ScriptEngine _engine;
    private int _isDisposed;

    private EmulatorServer(WebApplication app, ScriptEngine engine, X509Certificate2? certificate)
    {
        _app = app;
        _engine = engine;
        Certificate = certificate;
        Endpoint = new Uri("http://127.0.0.1/v1/");
    }

    /// <summary>Where it listens, up to and with the version segment: "http://127.0.0.1:49152/v1/".</summary>
    public Uri Endpoint { get; private set; }

    /// <summary>The certificate that it shows, or null without TLS.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>A socket handler that trusts this server's certificate and no other. The caller disposes it.</summary>
    /// <returns>A new handler.</returns>
    public SocketsHttpHandler CreateTrustingHandler()
    {
        var handler = new SocketsHttpHandler();
        if (Certificate is { } own)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) =>
                shown is not null && shown.GetRawCertData().AsSpan().SequenceEqual(own.RawDataMemory.Span);
        }

        return handler;
    }

    /// <summary>Breaks off the requests in flight and frees the port. Safe to call twice.</summary>
    /// <returns>Ends when the port is free.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        using (var guard = new CancellationTokenSource(StopGuard, TimeProvider.System))
        {
            await _app.StopAsync(guard.Token).ConfigureAwait(false);
        }

        await _app.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
        Certificate?.Dispose();
    }

    internal static async Task<EmulatorServer> StartAsync(ScriptEngine engine, bool useTls, int port, CancellationToken cancellationToken)
    {
        X509Certificate2? certificate = useTls ? LoopbackCertificate.Create() : null;

        // The empty builder brings no logging, no configuration and no static files.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options => Configure(options, port, certificate));

        // A write ends when the kernel has the bytes: what was written before a reset is on its way.
        builder.WebHost.UseSockets(options => options.MaxWriteBufferSize = 1);
        WebApplication app = builder.Build();
        var server = new EmulatorServer(app, engine, certificate);
        app.Run(server.ServeAsync);
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        server.Endpoint = new Uri(new Uri(app.Urls.Single()), "/v1/");
        return server;
    }

    // A script decides how slow a reply is: none of Kestrel's own limits may end it.
    private static void Configure(KestrelServerOptions options, int port, X509Certificate2? certificate)
    {
        options.AddServerHeader = false;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Limits.MaxRequestBodySize = null;
        options.Listen(IPAddress.Loopback, port, listener =>
        {
            listener.Protocols = certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            if (certificate is not null) listener.UseHttps(certificate);
        });
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var exchange = new KestrelExchange(context, _stopping.Token);
        await _engine.RunAsync(exchange).ConfigureAwait(false);
        if (_stopping.IsCancellationRequested) context.Abort();
    }
}
