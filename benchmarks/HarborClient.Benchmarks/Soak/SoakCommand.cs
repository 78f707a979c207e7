using System.Diagnostics;
using System.Globalization;
using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Soak;

/// <summary>All modes for a long time, with a third of the calls cancelled or abandoned: memory stays level, nothing is left over.</summary>
internal static class SoakCommand
{
    private const int Callers = 32;

    /// <summary>The first fifth of the time is for pools and the compiler to fill up.</summary>
    private const double WarmUpShare = 0.2;

    /// <summary>Percent over the measured time.</summary>
    private const double MostGrowth = 1;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    internal static async Task<int> RunAsync(string[] args)
    {
        int at = Array.IndexOf(args, "--minutes");
        double minutes = at >= 0 && at + 1 < args.Length ? double.Parse(args[at + 1], CultureInfo.InvariantCulture) : 10;
        int unobserved = 0;
        TaskScheduler.UnobservedTaskException += (_, _) => Interlocked.Increment(ref unobserved);
        Console.WriteLine($"{Machine.Describe()}; {Machine.DescribeLoad()}.");
        using UpstreamProcess upstream = await UpstreamProcess.StartAsync();
        await using FastClient client = FastClient.Create(h => Dialect.OpenAI.Register(h, new Route(StreamKind.Text, GapMilliseconds: 1).OpenAI(upstream.Plain), null));
        var caller = new SoakCaller(client);
        using var stop = new CancellationTokenSource();
        Task[] running = [.. Enumerable.Range(0, Callers).Select(index => Task.Run(() => caller.RunAsync(index, stop.Token)))];
        List<(double Seconds, double Megabytes)> memory = await WatchAsync(TimeSpan.FromMinutes(minutes));
        await stop.CancelAsync();
        await Task.WhenAll(running);
        Outstanding left = await SettledAsync(client);

        // Two collections with finalizers between them, so that a faulted task that nobody looked at is found.
        ProcessMemory.ManagedBytes();
        Console.WriteLine(caller.Describe());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"resident memory at the end: {memory[^1].Megabytes:F0} MB; outstanding: {left}"));
        var judge = new Judge(Console.WriteLine);
        judge.Hold(new Promise("resident memory, growth over the time after warm-up", MostGrowth, Tolerance.None, "%"), Growth(memory));
        judge.Hold(new Promise("kinds of things outstanding", 0, Tolerance.None, ""), left == Outstanding.None ? 0 : 1);
        judge.Hold(new Promise("unobserved exceptions", 0, Tolerance.None, ""), unobserved);
        judge.Hold(new Promise("errors that nobody asked for", 0, Tolerance.None, ""), caller.Unexpected);
        return judge.Conclude();
    }

    private static async Task<List<(double Seconds, double Megabytes)>> WatchAsync(TimeSpan duration)
    {
        var memory = new List<(double Seconds, double Megabytes)>();
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            await Task.Delay(Interval);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;

            // After a collection: what is measured is what is held, not how lazy the collector is.
            GC.Collect();
            if (seconds >= duration.TotalSeconds * WarmUpShare) memory.Add((seconds, ProcessMemory.ResidentMegabytes));
        }

        return memory;
    }

    /// <summary>Least squares over the measured time, as percent of the mean.</summary>
    private static double Growth(List<(double Seconds, double Megabytes)> memory)
    {
        double meanTime = memory.Average(point => point.Seconds), mean = memory.Average(point => point.Megabytes);
        double covariance = memory.Sum(point => (point.Seconds - meanTime) * (point.Megabytes - mean)), variance = memory.Sum(point => Math.Pow(point.Seconds - meanTime, 2));
        return variance == 0 ? 0 : covariance / variance * (memory[^1].Seconds - memory[0].Seconds) / mean * 100;
    }

    /// <summary>What was cancelled last may still be on its way out.</summary>
    private static async Task<Outstanding> SettledAsync(FastClient client)
    {
        for (int i = 0; i < 50 && client.Outstanding() != Outstanding.None; i++) await Task.Delay(100);
        return client.Outstanding();
    }
}
