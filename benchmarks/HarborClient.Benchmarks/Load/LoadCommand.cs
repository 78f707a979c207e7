using System.Globalization;
using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Load;

/// <summary>Open-loop arrivals, many calls in flight, many streams at once: what HarborClient adds to a bare HttpClient, and the memory it holds.</summary>
internal static class LoadCommand
{
    /// <summary>Rate and wait of the upstream. 7,500 calls in flight are 5,000 a second with an upstream that takes 1.5 s.</summary>
    private static readonly (int PerSecond, int DelayMilliseconds)[] Loops = [(200, 200), (1000, 80), (1000, 200), (1000, 1500), (5000, 1500)];

    /// <summary>200 calls in flight: enough to show the default limit on connections, and over in reasonable time.</summary>
    private static readonly (int PerSecond, int DelayMilliseconds) DefaultsLoop = (1000, 200);

    internal static async Task<int> RunAsync(string[] args)
    {
        TimeSpan duration = TimeSpan.FromSeconds(args.Contains("--short") ? 8 : 30);
        var report = new Report();
        report.Line("# Load");
        report.Line();
        report.Line($"{Machine.Describe()}; {Machine.DescribeLoad()}.");
        report.Line("Client and upstream are two processes on loopback that share the cores. Bare and HarborClient run one after the other, each for the whole time.");
        report.Line($"HarborClient's MaxConnectionsPerServer is set to {Callers.Connections:N0}, except in the row that says default: there it is 100, and calls beyond that wait for a connection.");
        using UpstreamProcess upstream = await UpstreamProcess.StartAsync();
        string[] parts = args.Intersect(["rates", "crowd", "streams"]).ToArray();
        bool Has(string part) => parts.Length == 0 || parts.Contains(part);
        if (Has("rates")) await OpenLoopsAsync(report, upstream, duration);
        if (Has("crowd")) await Crowd.RunAsync(report, upstream);
        if (Has("streams")) await StreamCrowd.RunAsync(report, upstream);
        if (!args.Contains("--no-file")) report.Save("load");
        return 0;
    }

    private static async Task OpenLoopsAsync(Report report, UpstreamProcess upstream, TimeSpan duration)
    {
        report.Line();
        report.Line(string.Create(CultureInfo.InvariantCulture, $"## Calls at a fixed rate for {duration.TotalSeconds:F0} s, one-shot, HTTP/1.1"));
        report.Line();
        report.Header(["rate, upstream", "who", "mean ms", "p50", "p95", "p99", "p50 added µs", "p95 added µs", "p99 added µs", "mean over bare", "CPU/call µs", "failed"]);
        foreach ((int perSecond, int delay) in Loops)
        {
            using var callers = new Callers(upstream, delay);
            OpenLoopResult? bare = null;
            IEnumerable<(string Name, Func<int, Task<long>> CallAsync)> all = (perSecond, delay) == DefaultsLoop ? callers.All.Append(callers.WithDefaultConnections) : callers.All;
            foreach ((string name, Func<int, Task<long>> call) in all)
            {
                // At the full rate: whoever comes first would otherwise open the connections inside its measured time.
                await OpenLoop.RunAsync(call, perSecond, TimeSpan.FromSeconds(2));
                OpenLoopResult result = await OpenLoop.RunAsync(call, perSecond, duration);
                bare ??= result;
                report.Row([
                    string.Create(CultureInfo.InvariantCulture, $"{perSecond:N0}/s, {delay} ms"), name,
                    Number(result.Latencies.Mean, "F2"), Number(result.Latencies.At(0.5), "F2"), Number(result.Latencies.At(0.95), "F2"), Number(result.Latencies.At(0.99), "F2"),
                    Added(result, bare, 0.5), Added(result, bare, 0.95), Added(result, bare, 0.99),
                    Number(result.Latencies.Mean / bare.Latencies.Mean, "F4") + "x", Number(result.ProcessorPerCall, "F0"), Number(result.Failed, "N0"),
                ]);
            }
        }
    }

    private static string Added(OpenLoopResult result, OpenLoopResult bare, double share) => Number((result.Latencies.At(share) - bare.Latencies.At(share)) * 1000, "N0");

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
