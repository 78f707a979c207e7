using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HarborClient.Benchmarks.Upstream;

/// <summary>
/// The other process: reads each request to its end and answers with fixed bytes, as OpenAI and as Claude, on loopback; plain HTTP/1.1 on one port, TLS
/// with HTTP/2 on another. Ends when its standard input closes, so it never outlives who started it.
/// </summary>
internal static class UpstreamServer
{
    /// <summary>In front of the line with the two addresses.</summary>
    internal const string Greeting = "upstream ";

    private static readonly byte[] StreamFlag = "\"stream\":true"u8.ToArray();

    internal static async Task RunAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // A crowd of streams on one connection, and big requests, are what is measured, not what is refused.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(LoopbackCertificate.Create());
            });
        });
        await using WebApplication app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        string[] addresses = [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
        Console.WriteLine(Greeting + string.Join(' ', addresses));
        await Console.In.ReadToEndAsync();
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value!;
        bool isStream = await ReadAsync(context.Request.BodyReader);
        if (!Route.TryParse(path, out Route route))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (route.DelayMilliseconds > 0) await Task.Delay(route.DelayMilliseconds);
        FixedAnswers answers = path.EndsWith("/messages", StringComparison.Ordinal) ? FixedAnswers.Claude : FixedAnswers.OpenAI;
        context.Response.Headers["x-request-id"] = "req_0123456789abcdef";
        if (isStream)
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
            await StreamAsync(context, answers.StreamOf(route.Kind), route.GapMilliseconds);
        }
        else
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answers.Plain.Length;
            await context.Response.Body.WriteAsync(answers.Plain);
        }
    }

    private static async Task StreamAsync(HttpContext context, byte[][] writes, int gapMilliseconds)
    {
        PipeWriter writer = context.Response.BodyWriter;
        foreach (byte[] write in writes)
        {
            writer.Write(write);
            if (gapMilliseconds == Route.AtOnce) continue;
            FlushResult flushed = await writer.FlushAsync();
            if (flushed.IsCompleted || context.RequestAborted.IsCancellationRequested) return;
            if (gapMilliseconds > 0) await Task.Delay(gapMilliseconds);
        }
    }

    /// <summary>Reads the whole request and says whether it asks for a stream. No client writes the flag with blanks in it.</summary>
    private static async Task<bool> ReadAsync(PipeReader reader)
    {
        bool isStream = false;
        while (true)
        {
            ReadResult result = await reader.ReadAsync();
            isStream |= Contains(result.Buffer, StreamFlag);

            // What may hold the first half of the flag stays for the next look.
            long kept = result.IsCompleted ? 0 : Math.Min(result.Buffer.Length, StreamFlag.Length);
            SequencePosition consumed = result.Buffer.GetPosition(result.Buffer.Length - kept);
            reader.AdvanceTo(consumed, result.Buffer.End);
            if (result.IsCompleted) return isStream;
        }
    }

    private static bool Contains(in ReadOnlySequence<byte> buffer, byte[] what)
    {
        var reader = new SequenceReader<byte>(buffer);
        return reader.TryReadTo(out ReadOnlySequence<byte> _, what);
    }
}
