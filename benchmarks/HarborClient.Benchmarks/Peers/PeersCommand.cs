using System.Globalization;
using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Peers;

/// <summary>HarborClient, the official SDKs and a bare HttpClient doing the same work against the same upstream in another process.</summary>
internal static class PeersCommand
{
    private const int Rounds = 11;
    private const int ThroughputRounds = 5;

    private static readonly int[] Crowds = [1, 32, 256];

    /// <summary>What is measured, in order. Throughput is asked of the two works that the promises name.</summary>
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
        (Work.Agent, Protocol.Http2, false),
    ];

    internal static async Task RunAsync(string[] args)
    {
        bool isShort = args.Contains("--short");
        bool withPeers = !args.Contains("--without-peers");
        string only = args.SkipWhile(arg => arg != "--only").Skip(1).FirstOrDefault() ?? "";
        var report = new Report();
        report.Line("# Peers");
        report.Line();
        report.Line($"{Machine.Describe()}; {Machine.DescribeLoad()}.");
        report.Line("Client and upstream are two processes on loopback. Interleaved rounds; medians, ± half the distance between the quartiles. Ratios are medians of round-by-round ratios.");
        report.Line("Processor time and bytes are those of the client's process, the caller's own messages and options counted in.");
        using UpstreamProcess upstream = await UpstreamProcess.StartAsync();
        foreach (Dialect dialect in new[] { Dialect.OpenAI, Dialect.Claude })
        {
            foreach ((Work work, Protocol protocol, bool hasThroughput) in Plan)
            {
                if (!PeerRace.TitleOf(dialect, protocol, work).Contains(only, StringComparison.OrdinalIgnoreCase)) continue;
                using PeerRace race = await PeerRace.CreateAsync(upstream, dialect, protocol, work, withPeers);
                await MeasureAsync(race.Race, isShort, hasThroughput);
                Print(report, race.Race, hasThroughput);
            }
        }

        report.Line();
        report.Line("Not yet: the L1 hit (the response cache is a later issue).");
        if (!args.Contains("--no-file")) report.Save("peers");
    }

    private static async Task MeasureAsync(Race race, bool isShort, bool hasThroughput)
    {
        await race.WarmUpAsync();
        await race.RunAsync(isShort ? 5 : Rounds);
        if (!hasThroughput) return;
        foreach (int inFlight in Crowds) await race.RunAsync(isShort ? 2 : ThroughputRounds, inFlight, CallsFor(inFlight, race));
    }

    /// <summary>Enough calls for each in flight to be busy a few times.</summary>
    private static int CallsFor(int inFlight, Race race) => Math.Max(inFlight * 3, race.Title.Contains("one-shot", StringComparison.Ordinal) ? 500 : 100);

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
