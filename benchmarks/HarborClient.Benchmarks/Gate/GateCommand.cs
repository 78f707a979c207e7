using System.Diagnostics;
using System.Globalization;
using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Peers;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Gate;

/// <summary>One line per promise; the exit code is 1 when one is broken.</summary>
internal static class GateCommand
{
    /// <summary>Passes with clients and upstream made anew: what connections and placement in memory do to a figure shows between passes, not within one.</summary>
    private const int Passes = 3;

    private const int Rounds = 21;
    private const int PacedRounds = 3;
    private const int ThroughputRounds = 9;

    /// <summary>Fewer in CI, and one pass: it has two minutes on a machine that may be busy.</summary>
    private const int CiRounds = 9;

    private static readonly Track OpenAI = new(Dialect.OpenAI, Protocol.Http1);
    private static readonly Track OpenAIHttp2 = new(Dialect.OpenAI, Protocol.Http2);
    private static readonly Track Claude = new(Dialect.Claude, Protocol.Http1);

    /// <summary>What every pass measures. The rest of the tracks is measured by <c>peers</c>.</summary>
    private static readonly (Track Track, Work Work)[] Plan =
    [
        (OpenAI, Work.OneShot), (OpenAI, Work.Text), (OpenAI, Work.Agent), (OpenAI, Work.Image),
        (Claude, Work.OneShot), (Claude, Work.Text),
        (OpenAIHttp2, Work.OneShot), (OpenAIHttp2, Work.Text), (OpenAIHttp2, Work.Agent),
    ];

    internal static async Task<int> RunAsync(string[] args)
    {
        bool isCi = args.Contains("--ci");
        long started = Stopwatch.GetTimestamp();
        Console.WriteLine($"{Machine.Describe()}; {Machine.DescribeLoad()}.");
        var passes = new List<Measurements>();
        for (int pass = 0; pass < (isCi ? 1 : Passes); pass++)
        {
            using UpstreamProcess upstream = await UpstreamProcess.StartAsync();
            var measured = new Measurements();
            if (pass == 0) await MeasureOnceAsync(measured, upstream);
            foreach ((Track track, Work work) in Plan) await MeasureAsync(measured, upstream, track, work, isCi ? CiRounds : Rounds);
            passes.Add(measured);
        }

        Console.WriteLine($"{Cores.Describe()}.");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{passes.Count} passes in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s; the median of all rounds and, of the passes' medians, the lowest and the highest. {Machine.DescribeLoad("after")}."));
        var judge = new Judge(Console.WriteLine, isLenient: isCi);
        Promises.HoldAll(judge, passes);
        Console.WriteLine("Judged by other commands: `peers` (the same lines over Claude with TLS + HTTP/2, Claude's agent's request and image), `load`, `cache` (hits in every level, and what Redis adds to a call), `startup`, `soak`.");
        return judge.Conclude();
    }

    /// <summary>What takes long, or cannot differ from pass to pass.</summary>
    private static async Task MeasureOnceAsync(Measurements measured, UpstreamProcess upstream)
    {
        measured.Construction = ClientCost.Measure(upstream.Plain);
        measured.CloseDelays = await CloseDelay.MeasureAsync();
        measured.HeapGrowth = await HeapGrowth.MeasureAsync(upstream.Plain, HeapGrowth.ManyInGate);
        await MeasureAsync(measured, upstream, OpenAI, Work.Paced, PacedRounds);
    }

    private static async Task MeasureAsync(Measurements measured, UpstreamProcess upstream, Track track, Work work, int rounds)
    {
        using PeerRace race = await PeerRace.CreateAsync(upstream, track, work, withPeers: false);
        await race.Race.WarmUpAsync();
        await race.Race.RunAsync(rounds, upstream.ProcessId);
        if (track == OpenAI && work == Work.OneShot)
        {
            string[] names = [PeerRace.BareName, PeerRace.Plain(PerformanceMode.Fast), PeerRace.Plain(PerformanceMode.Balanced)];
            foreach (int inFlight in Promises.Crowds) await race.Race.RunInFlightAsync(ThroughputRounds, inFlight, names);
        }

        measured.Add(race.Race);
    }
}
