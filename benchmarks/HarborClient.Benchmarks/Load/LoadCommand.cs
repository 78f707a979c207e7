using System.Globalization;
using HarborClient.Benchmarks.Gate;
using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Load;

/// <summary>Open-loop arrivals, many calls in flight, many streams at once, many calls in a row: what HarborClient adds to a bare HttpClient, and the memory it holds.</summary>
internal static class LoadCommand
{
    private const int ManyCalls = 100_000;
    private const double MostGrowth = 2 << 20;

    private static readonly TimeSpan Whole = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(9);

    internal static async Task<int> RunAsync(string[] args)
    {
        bool isShort = args.Contains("--short");
        var report = new Report();
        report.Begin("Load");
        report.Line("Client and upstream are two processes on loopback that share the cores. Bare and HarborClient take turns, in an order drawn anew each time.");

        // Promises are printed below the tables.
        var verdicts = new List<string>();
        var judge = new Judge(verdicts.Add);
        using UpstreamProcess upstream = await UpstreamProcess.StartAsync();
        string[] parts = args.Intersect(["heap", "rates", "crowd", "streams", "ledger"]).ToArray();
        bool Has(string part) => parts.Length == 0 || parts.Contains(part);

        // The heap first: nothing of what the other parts leave behind is in it.
        if (Has("heap")) await HeapAsync(judge, upstream);
        if (Has("rates")) await new OpenLoops(report, judge, upstream).RunAsync(isShort ? Short : Whole);
        if (Has("streams")) await StreamCrowd.RunAsync(report, judge, upstream, isShort ? 1 : 3);
        if (Has("crowd")) await Crowd.RunAsync(report, judge, upstream);
        if (Has("ledger")) await LedgerLoad.RunAsync(report, judge);
        int exitCode = judge.Conclude();
        report.Promises(verdicts);
        if (!args.Contains("--no-file")) report.Save("load");
        return exitCode;
    }

    private static async Task HeapAsync(Judge judge, UpstreamProcess upstream)
    {
        foreach ((PerformanceMode mode, HeapGrowth growth) in await HeapGrowth.MeasureAsync(upstream.Plain, ManyCalls))
        {
            judge.Hold(new Promise($"live managed bytes but Cache.Statistics.Bytes: {mode}, from before Create to after 100 calls", MostGrowth, Tolerance.Bytes, "B"), growth.Early);
            judge.Hold(new Promise(string.Create(CultureInfo.InvariantCulture, $"live managed bytes but Cache.Statistics.Bytes: {mode}, from before Create to after {ManyCalls:N0} calls"), MostGrowth, Tolerance.Bytes, "B"), growth.Late);
        }
    }
}
