using System.Globalization;
using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Peers;

/// <summary>HarborClient, the official SDKs and a bare HttpClient doing the same work against the same upstream in another process.</summary>
internal static class PeersCommand
{
    private const int Rounds = 21;
    private const int ShortRounds = 7;

    /// <summary>A paced stream takes as long as its waits.</summary>
    private const int PacedRounds = 5;

    private const int ThroughputRounds = 5;

    private static readonly int[] Crowds = [1, .. Promises.Crowds];

    /// <summary>What is measured over every dialect, in order. Throughput is asked of the two works that the promises name.</summary>
    private static readonly (Work Work, Protocol Protocol, bool HasThroughput)[] Plan =
    [
        (Work.OneShot, Protocol.Http1, true),
        (Work.Text, Protocol.Http1, true),
        (Work.Flushed, Protocol.Http1, false),
        (Work.Tools, Protocol.Http1, false),
        (Work.Reasoning, Protocol.Http1, false),
        (Work.Paced, Protocol.Http1, false),
        (Work.Agent, Protocol.Http1, false),
        (Work.Image, Protocol.Http1, false),
        (Work.OneShot, Protocol.Http2, true),
        (Work.Text, Protocol.Http2, true),
        (Work.Flushed, Protocol.Http2, false),
        (Work.Tools, Protocol.Http2, false),
        (Work.Reasoning, Protocol.Http2, false),
        (Work.Paced, Protocol.Http2, false),
        (Work.Agent, Protocol.Http2, false),
        (Work.Image, Protocol.Http2, false),
    ];

    internal static async Task<int> RunAsync(string[] args)
    {
        bool isShort = args.Contains("--short");
        bool withPeers = !args.Contains("--without-peers");
        string only = args.SkipWhile(arg => arg != "--only").Skip(1).FirstOrDefault() ?? "";
        var report = new Report();
        report.Begin("Peers");
        report.Line("Client and upstream are two processes on loopback. Rounds in turns, in an order drawn anew each time; medians, ± half the distance between the quartiles. Ratios are medians of round-by-round ratios.");
        report.Line("Processor time and bytes are those of the client's process, the caller's own messages and options counted in.");
        using UpstreamProcess upstream = await UpstreamProcess.StartAsync();
        var measured = new Measurements();
        foreach (Dialect dialect in new[] { Dialect.OpenAI, Dialect.Claude })
        {
            foreach ((Work work, Protocol protocol, bool hasThroughput) in Plan)
            {
                var track = new Track(dialect, protocol);
                if (!PeerRace.TitleOf(track, work).Contains(only, StringComparison.OrdinalIgnoreCase)) continue;
                using PeerRace race = await PeerRace.CreateAsync(upstream, track, work, withPeers);
                await MeasureAsync(race.Race, upstream, isShort ? ShortRounds : work == Work.Paced ? PacedRounds : Rounds, hasThroughput);
                Print(report, race.Race, hasThroughput);
                measured.Add(race.Race);
            }
        }

        report.Line();
        report.Line($"{Cores.Describe()}.");
        var verdicts = new List<string>();
        var judge = new Judge(verdicts.Add);
        Promises.HoldAll(judge, [measured]);
        int exitCode = judge.Conclude();
        report.Promises(verdicts);
        if (!args.Contains("--no-file")) report.Save("peers");
        return exitCode;
    }

    private static async Task MeasureAsync(Race race, UpstreamProcess upstream, int rounds, bool hasThroughput)
    {
        await race.WarmUpAsync();
        await race.RunAsync(rounds, upstream.ProcessId);
        if (!hasThroughput) return;
        foreach (int inFlight in Crowds) await race.RunInFlightAsync(ThroughputRounds, inFlight);
    }

    private static void Print(Report report, Race race, bool hasThroughput)
    {
        report.Line();
        report.Line($"## {race.Title}");
        report.Line();
        string[] crowds = hasThroughput ? [.. Crowds.Select(crowd => string.Create(CultureInfo.InvariantCulture, $"calls/s at {crowd}"))] : [];
        report.Header(["", "CPU/call µs", "ratio", "bytes/call", "above bare", "wall/call µs", "first update µs", .. crowds]);
        foreach (Contestant contestant in race.Contestants)
        {
            string[] throughput = hasThroughput ? [.. Crowds.Select(crowd => Throughput(contestant, race.Bare, crowd))] : [];
            report.Row([
                contestant.Name,
                contestant.Processor.Show(),
                Ratio(contestant.Processor.RatioTo(race.Bare.Processor)),
                Number(contestant.Bytes.Median),
                Number(contestant.Bytes.Median - race.Bare.Bytes.Median),
                contestant.Wall.Show(),
                contestant.First.Count > 0 ? contestant.First.Show() : "",
                .. throughput,
            ]);
        }
    }

    private static string Throughput(Contestant contestant, Contestant bare, int crowd) =>
        $"{contestant.Throughput[crowd].Show()} ({Ratio(contestant.Throughput[crowd].RatioTo(bare.Throughput[crowd]))})";

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Ratio(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:F2}x");
}
