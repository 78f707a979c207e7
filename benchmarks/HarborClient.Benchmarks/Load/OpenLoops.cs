using System.Globalization;
using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Load;

/// <summary>Calls at fixed rates: what HarborClient adds to a bare HttpClient.</summary>
internal sealed class OpenLoops(Report report, Judge judge, UpstreamProcess upstream)
{
    /// <summary>More streams of 200 events than this in a second are more than two cores can write and read.</summary>
    private const int MostStreamsPerSecond = 2000;

    /// <summary>Long enough for percentiles, short enough that the machine is the same for all four of a turn.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>Rate and wait of the upstream. 7,500 calls in flight are 5,000 a second with an upstream that takes 1.5 s.</summary>
    private static readonly (int PerSecond, int DelayMilliseconds)[] Loads = [(1000, 80), (200, 200), (1000, 200), (1000, 1500), (5000, 1500)];

    /// <summary>What a call may add at 1,000 a second and an upstream of 80 ms, in microseconds, at each of the shares.</summary>
    private static readonly double[] MostAdded = [60, 250, 1000];

    /// <summary>The mean over bare that each mode may come to with an upstream of 200 ms.</summary>
    private static readonly double[] MostMean = [1.001, 1.002, 1.005];

    internal async Task RunAsync(TimeSpan duration)
    {
        int turns = Math.Max(1, (int)(duration / Turn));
        report.Line();
        report.Line(string.Create(CultureInfo.InvariantCulture, $"## Calls at a fixed rate, {turns} turns of {Turn.TotalSeconds:F0} s each, one-shot, HTTP/1.1"));
        report.Line();
        report.Line("Medians over the turns; added: to bare in the same turn, for Full to the bare client that moves the same events. Late: how long after its moment the 99th of 100 calls was started (a dedicated thread sleeps in the kernel and spins the last 90 µs); it counts into a call's time.");
        report.Line();
        report.Header(["rate, upstream", "who", "mean ms", "p50", "p95", "p99", "p50 added µs", "p95 added µs", "p99 added µs", "mean over bare", "CPU/call µs", "late p99 µs", "failed"]);
        foreach ((int perSecond, int delay) in Loads)
        {
            using var callers = new Callers(upstream, delay);
            OpenLoopFigures[] figures = await MeasureAsync(callers, perSecond, turns);
            string load = string.Create(CultureInfo.InvariantCulture, $"{perSecond:N0}/s, {delay} ms");
            for (int who = 0; who < figures.Length; who++)
            {
                if (figures[who].Mean.Count > 0) Print(load, callers.All[who].Name, figures[who]);
            }

            Hold(load, perSecond, delay, figures);
        }
    }

    private static async Task<OpenLoopFigures[]> MeasureAsync(Callers callers, int perSecond, int turns)
    {
        OpenLoopFigures[] figures = [.. callers.All.Select(_ => new OpenLoopFigures())];
        int[] order = [.. Enumerable.Range(0, figures.Length).Where(who => perSecond <= MostStreamsPerSecond || !IsStreamed(who))];
        var random = new Random(1);

        // At the full rate: whoever comes first would otherwise open the connections inside its measured time.
        var warmUp = new Arrivals(perSecond, WarmUp);
        foreach (int who in order) await OpenLoop.RunAsync(callers.All[who].CallAsync, warmUp);
        var arrivals = new Arrivals(perSecond, Turn);
        for (int turn = 0; turn < turns; turn++)
        {
            random.Shuffle(order);
            var results = new OpenLoopResult[figures.Length];
            foreach (int who in order)
            {
                GC.Collect();
                results[who] = await OpenLoop.RunAsync(callers.All[who].CallAsync, arrivals);
            }

            foreach (int who in order) figures[who].Add(results[who], results[0], results[IsStreamed(who) ? 1 : 0]);
        }

        return figures;
    }

    /// <summary>The second bare client, and Full, which has a plain call streamed by the provider.</summary>
    private static bool IsStreamed(int who) => who is 1 or Callers.FirstMode + (int)PerformanceMode.Full;

    private void Print(string load, string name, OpenLoopFigures figures) => report.Row([
        load,
        name,
        Number(figures.Mean, "F2"),
        .. figures.At.Select(at => Number(at, "F2")),
        .. figures.Added.Select(added => Number(added, "N0")),
        Number(figures.MeanOverBare, "F4") + "x",
        Number(figures.ProcessorPerCall, "F0"),
        Number(figures.LateMicroseconds, "N0"),
        figures.Failed.ToString("N0", CultureInfo.InvariantCulture),
    ]);

    private void Hold(string load, int perSecond, int delay, OpenLoopFigures[] figures)
    {
        judge.Hold(new Promise($"{load}: failed calls", 0, Tolerance.None, "calls"), figures.Sum(one => one.Failed));
        foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
        {
            OpenLoopFigures own = figures[Callers.FirstMode + (int)mode];
            if (delay == 200)
                judge.Hold(new Promise($"{load}: {mode}, mean over bare", MostMean[(int)mode], Tolerance.Mean, "x"), [own.MeanOverBare]);
            if ((perSecond, delay) != (1000, 80)) continue;
            for (int i = 0; i < MostAdded.Length; i++)
                judge.Hold(new Promise(string.Create(CultureInfo.InvariantCulture, $"{load}: {mode}, added at p{OpenLoopFigures.Shares[i] * 100:F0}"), MostAdded[i], Tolerance.Latency, "µs"), [own.Added[i]]);
        }
    }

    private static string Number(Samples samples, string format) => samples.Median.ToString(format, CultureInfo.InvariantCulture);
}
