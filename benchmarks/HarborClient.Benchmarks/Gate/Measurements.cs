using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Peers;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Gate;

/// <summary>What the promises are held against: everything, measured in one pass.</summary>
internal sealed class Measurements
{
    private const int Rounds = 15;
    private const int PacedRounds = 3;
    private const int ThroughputRounds = 5;

    private readonly Dictionary<(Protocol Protocol, Work Work), Race> _races = [];

    internal required ClientCost Construction { get; init; }

    internal required double CloseMilliseconds { get; init; }

    /// <summary>Measures everything; about forty seconds.</summary>
    /// <param name="upstream">The other process.</param>
    /// <param name="earlier">The pass before: paced streams take long and only their bytes count, so they are measured in the first pass only.</param>
    internal static async Task<Measurements> TakeAsync(UpstreamProcess upstream, Measurements? earlier)
    {
        var all = new Measurements
        {
            Construction = ClientCost.Measure(upstream.Plain),
            CloseMilliseconds = await CloseDelay.MeasureAsync(),
        };
        foreach (Protocol protocol in Enum.GetValues<Protocol>())
        {
            await all.MeasureAsync(upstream, protocol, Work.OneShot, hasThroughput: protocol == Protocol.Http1);
            await all.MeasureAsync(upstream, protocol, Work.Text, hasThroughput: false);
            await all.MeasureAsync(upstream, protocol, Work.Agent, hasThroughput: false);
        }

        await all.MeasureAsync(upstream, Protocol.Http1, Work.Image, hasThroughput: false);
        if (earlier is null) await all.MeasureAsync(upstream, Protocol.Http1, Work.Paced, hasThroughput: false, rounds: PacedRounds);
        else all._races.Add((Protocol.Http1, Work.Paced), earlier._races[(Protocol.Http1, Work.Paced)]);
        return all;
    }

    /// <summary>Processor time of one contestant over another's.</summary>
    internal double Processor(Protocol protocol, Work work, string name, string over = PeerRace.BareName) =>
        Find(protocol, work, name).Processor.RatioTo(Find(protocol, work, over).Processor);

    internal double BytesAboveBare(Protocol protocol, Work work, string name, string over = PeerRace.BareName) =>
        Find(protocol, work, name).Bytes.Median - Find(protocol, work, over).Bytes.Median;

    internal double Throughput(int inFlight, string name) =>
        Find(Protocol.Http1, Work.OneShot, name).Throughput[inFlight].RatioTo(Find(Protocol.Http1, Work.OneShot, PeerRace.BareName).Throughput[inFlight]);

    /// <summary>Updates per second of processor time, end to end, as text.</summary>
    internal double UpdatesPerSecond(Protocol protocol, string name) => Words.Updates / Find(protocol, Work.Text, name).Processor.Median * 1_000_000;

    private Contestant Find(Protocol protocol, Work work, string name) => _races[(protocol, work)].Contestants.First(contestant => contestant.Name == name);

    private async Task MeasureAsync(UpstreamProcess upstream, Protocol protocol, Work work, bool hasThroughput, int rounds = Rounds)
    {
        using PeerRace race = await PeerRace.CreateAsync(upstream, Dialect.OpenAI, protocol, work, withPeers: false);
        await race.Race.WarmUpAsync();
        await race.Race.RunAsync(rounds);
        if (hasThroughput)
        {
            await race.Race.RunAsync(ThroughputRounds, 32, 600);
            await race.Race.RunAsync(ThroughputRounds, 256, 1200);
        }

        _races.Add((protocol, work), race.Race);
    }
}
