using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using HarborClient.Benchmarks.Upstream;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace HarborClient.Benchmarks.Gate;

/// <summary>A host that sends the beginning of a stream, falls silent, and notes when it sees that the caller has left.</summary>
internal sealed class CloseServer : IAsyncDisposable
{
    private static readonly byte[] Opening = System.Text.Encoding.ASCII.GetBytes(
        """data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"first"}}]}""" + "\n\n");

    private readonly Channel<long> _closed = Channel.CreateUnbounded<long>();
    private readonly X509Certificate2 _certificate = LoopbackCertificate.Create();
    private readonly WebApplication _app;

    private CloseServer()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(_certificate);
            });
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>HTTP/1.1, then TLS with HTTP/2.</summary>
    internal IReadOnlyList<Uri> Addresses => [.. _app.Urls.Select(url => new Uri(url))];

    internal string Certificate => _certificate.ExportCertificatePem();

    internal static async Task<CloseServer> StartAsync()
    {
        var server = new CloseServer();
        await server._app.StartAsync();
        return server;
    }

    /// <summary>The time stamp of the next caller's leaving.</summary>
    internal ValueTask<long> NextAsync(CancellationToken cancellationToken) => _closed.Reader.ReadAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var left = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = context.RequestAborted.Register(() => left.TrySetResult(Stopwatch.GetTimestamp()));
        await context.Request.Body.CopyToAsync(Stream.Null);
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.WriteAsync(Opening);
        await context.Response.Body.FlushAsync();
        _closed.Writer.TryWrite(await left.Task);
    }
}
