using System.Diagnostics;
using System.Globalization;
using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Load;

/// <summary>1,000 paced streams at once: how late updates are, what an update costs, what a stream holds.</summary>
internal static class StreamCrowd
{
    private const int Streams = 1000;

    /// <summary>1,000 streams, each with a write of 1 to 3 events every 100 ms: about 20,000 updates a second.</summary>
    private const int GapMilliseconds = 100;

    internal static async Task RunAsync(Report report, UpstreamProcess upstream)
    {
        report.Line();
        report.Line($"## 1,000 streams at once, a write of 1 to 3 events every {GapMilliseconds} ms, HTTP/1.1");
        report.Line();
        report.Line("Delay: how much later than after the gap an update (bare: a read) followed the one before it. Live bytes: managed, after a collection, half-way through.");
        report.Line();
        report.Header(["who", "delay p50 ms", "delay p99 ms", "CPU/update µs", "over bare", "live bytes/stream", "above bare", "resident MB"]);
        Uri endpoint = new Route(StreamKind.Text, GapMilliseconds: GapMilliseconds).OpenAI(upstream.Plain);
        using FastClient client = FastClient.Create(h => Dialect.OpenAI.Register(h, endpoint, null, Callers.Connections));
        using var http = new HttpClient(Handlers.Create(Protocol.Http1));
        Measured? bare = null;
        foreach ((string name, Func<Action, Task> read) in Readers(client, http, endpoint))
        {
            Measured measured = await MeasureAsync(read);
            bare ??= measured;
            report.Row([
                name, Number(measured.Delays.At(0.5), "F2"), Number(measured.Delays.At(0.99), "F2"), Number(measured.ProcessorPerUpdate, "F2"),
                Number(measured.ProcessorPerUpdate / bare.ProcessorPerUpdate, "F2") + "x", Number(measured.LiveBytes, "N0"), Number(measured.LiveBytes - bare.LiveBytes, "N0"), Number(measured.Resident, "F0"),
            ]);
        }
    }

    /// <summary>Ways to read one stream; each tells of every update (bare: of every read).</summary>
    private static IEnumerable<(string Name, Func<Action, Task> ReadAsync)> Readers(FastClient client, HttpClient http, Uri endpoint)
    {
        byte[] body = Requests.Body(Dialect.OpenAI, isStream: true);
        yield return ("bare HttpClient", async arrived =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, "chat/completions")) { Content = new ByteArrayContent(body) };
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            using Stream stream = await response.Content.ReadAsStreamAsync();
            byte[] buffer = new byte[4096];
            while (await stream.ReadAsync(buffer) > 0) arrived();
        });
        foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
        {
            yield return ($"HarborClient {mode} as IChatClient", async arrived =>
            {
                await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(Requests.Question(1), new HarborChatOptions { Mode = mode, Temperature = 0 })) arrived();
            });
        }

        yield return ("HarborClient Fast as text", async arrived =>
        {
            await foreach (string _ in client.StreamTextAsync(Words.Question, new HarborChatOptions { Mode = PerformanceMode.Fast, Temperature = 0 })) arrived();
        });
    }

    private static async Task<Measured> MeasureAsync(Func<Action, Task> readAsync)
    {
        await ReadAsync(readAsync, 20, new Latencies());
        long before = ProcessMemory.ManagedBytes();
        var delays = new Latencies();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        Task reading = ReadAsync(readAsync, Streams, delays);
        await Task.Delay(GapMilliseconds * 40);
        TimeSpan collecting = Environment.CpuUsage.TotalTime;
        long live = ProcessMemory.ManagedBytes() - before;
        double resident = ProcessMemory.ResidentMegabytes;
        collecting = Environment.CpuUsage.TotalTime - collecting;
        await reading;
        double used = (Environment.CpuUsage.TotalTime - processor - collecting).TotalMicroseconds;

        // The bare client sees reads, not updates; all are divided by the updates that came.
        return new Measured(delays, used / (Streams * (double)Words.Updates), live / (double)Streams, resident);
    }

    private static Task ReadAsync(Func<Action, Task> readAsync, int streams, Latencies delays) => Task.WhenAll(Enumerable.Range(0, streams).Select(async index =>
    {
        // Spread over one gap, as callers would be.
        await Task.Delay(index % GapMilliseconds);
        long last = 0;
        await readAsync(() =>
        {
            long now = Stopwatch.GetTimestamp();
            double since = Stopwatch.GetElapsedTime(last, now).TotalMilliseconds;

            // Updates of one write come together; only the first of them waited for the gap.
            if (last != 0 && since > GapMilliseconds / 2.0) delays.Add(Math.Max(0, since - GapMilliseconds));
            last = now;
        });
    }));

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed record Measured(Latencies Delays, double ProcessorPerUpdate, double LiveBytes, double Resident);
}
