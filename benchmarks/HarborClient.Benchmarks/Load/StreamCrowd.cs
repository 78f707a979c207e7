using System.Diagnostics;
using System.Globalization;
using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Load;

/// <summary>1,000 paced streams at once: how late updates are, what an update costs, what a stream holds.</summary>
internal static class StreamCrowd
{
    private const int Streams = 1000;
    private const double MostProcessor = 1.5;
    private const double MostBytes = 4 * 1024;

    /// <summary>1,000 streams, each with a write of 1 to 3 events every 100 ms: about 20,000 updates a second.</summary>
    private const int GapMilliseconds = 100;

    internal static async Task RunAsync(Report report, Judge judge, UpstreamProcess upstream, int passes)
    {
        report.Line();
        report.Line(string.Create(CultureInfo.InvariantCulture, $"## {Streams:N0} streams at once, a write of 1 to 3 events every {GapMilliseconds} ms, HTTP/1.1"));
        report.Line();
        report.Line("A core each for client and upstream. Delay: how much later than after the gap an update (bare: a read) followed the one before it. Live bytes: managed, after a collection, half-way through, connections included.");
        report.Line();
        report.Header(["who", "delay p50 ms", "delay p99 ms", "CPU/update µs", "over bare", "live bytes/stream", "above bare", "resident MB"]);
        Measured[] all = [.. StreamReader.All.Select(_ => new Measured())];
        await Cores.SeparateAsync(upstream.ProcessId);
        int[] order = [.. Enumerable.Range(0, all.Length)];
        var random = new Random(1);
        for (int pass = 0; pass < passes; pass++)
        {
            random.Shuffle(order);
            foreach (int who in order) await MeasureAsync(StreamReader.All[who], upstream, all[who]);
        }

        await Cores.ShareAsync(upstream.ProcessId);
        for (int who = 0; who < all.Length; who++)
        {
            (string name, Measured own, Measured bare) = (StreamReader.All[who].Name, all[who], all[0]);
            Samples over = own.ProcessorPerUpdate.Over(bare.ProcessorPerUpdate), above = own.LiveBytes.Above(bare.LiveBytes);
            report.Row([
                name, Number(own.DelayHalf, "F2"), Number(own.DelayMost, "F2"), Number(own.ProcessorPerUpdate, "F2"), Number(over, "F2") + "x",
                Number(own.LiveBytes, "N0"), Number(above, "N0"), Number(own.Resident, "F0"),
            ]);
            if (who == 0) continue;
            judge.Hold(new Promise($"1,000 paced streams: {name}, CPU per update over bare", MostProcessor, Tolerance.Processor, "x"), [over]);
            judge.Hold(new Promise($"1,000 paced streams: {name}, live bytes per stream above bare", MostBytes, Tolerance.Bytes, "B"), [above]);
        }
    }

    private static async Task MeasureAsync(StreamReader reader, UpstreamProcess upstream, Measured measured)
    {
        // The pools and the compiler, with a client that is not the one that is measured.
        (IDisposable warming, Func<Action, Task> warmAsync) = reader.Create(new Route(StreamKind.Text, GapMilliseconds: 1).OpenAI(upstream.Plain));
        using (warming) await ReadAsync(warmAsync, 200, new Latencies());
        long before = ProcessMemory.ManagedBytes();
        (IDisposable client, Func<Action, Task> readAsync) = reader.Create(new Route(StreamKind.Text, GapMilliseconds: GapMilliseconds).OpenAI(upstream.Plain));
        using IDisposable owned = client;
        var delays = new Latencies();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        Task reading = ReadAsync(readAsync, Streams, delays);
        await Task.Delay(GapMilliseconds * 40);
        TimeSpan collecting = Environment.CpuUsage.TotalTime;
        measured.LiveBytes.Add((ProcessMemory.ManagedBytes() - before) / (double)Streams);
        measured.Resident.Add(ProcessMemory.ResidentMegabytes);
        collecting = Environment.CpuUsage.TotalTime - collecting;
        await reading;

        // The bare client sees reads, not updates; all are divided by the updates that came.
        measured.ProcessorPerUpdate.Add((Environment.CpuUsage.TotalTime - processor - collecting).TotalMicroseconds / (Streams * (double)Words.Updates));
        measured.DelayHalf.Add(delays.At(0.5));
        measured.DelayMost.Add(delays.At(0.99));
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

    private static string Number(Samples samples, string format) => samples.Median.ToString(format, CultureInfo.InvariantCulture);

    private sealed class Measured
    {
        internal Samples DelayHalf { get; } = new();

        internal Samples DelayMost { get; } = new();

        internal Samples ProcessorPerUpdate { get; } = new();

        internal Samples LiveBytes { get; } = new();

        internal Samples Resident { get; } = new();
    }
}
