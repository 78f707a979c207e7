using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Gate;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Peers;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Judging;

/// <summary>What one pass measured. What it did not measure is null, and no promise is held against it.</summary>
internal sealed class Measurements
{
    private readonly Dictionary<string, Race> _races = [];

    internal ClientCost? Construction { get; set; }

    /// <summary>From leaving a stream to the server's seeing it, by how the client is connected.</summary>
    internal IReadOnlyDictionary<string, Samples> CloseDelays { get; set; } = new Dictionary<string, Samples>();

    internal IReadOnlyDictionary<PerformanceMode, HeapGrowth> HeapGrowth { get; set; } = new Dictionary<PerformanceMode, HeapGrowth>();

    internal void Add(Race race) => _races.Add(race.Title, race);

    /// <summary>Processor time of one contestant over another's, round by round.</summary>
    internal Samples? Processor(Track track, Work work, string name, string over = PeerRace.BareName) =>
        Find(track, work, name) is { } own && Find(track, work, over) is { } other ? own.Processor.Over(other.Processor) : null;

    internal Samples? BytesAbove(Track track, Work work, string name, string over = PeerRace.BareName) =>
        Find(track, work, name) is { } own && Find(track, work, over) is { } other ? own.Bytes.Above(other.Bytes) : null;

    internal Samples? Throughput(Track track, int inFlight, string name) =>
        Find(track, Work.OneShot, name)?.Throughput.GetValueOrDefault(inFlight) is { } own && Find(track, Work.OneShot, PeerRace.BareName)?.Throughput.GetValueOrDefault(inFlight) is { } bare ? own.Over(bare) : null;

    /// <summary>Updates per second of processor time, end to end.</summary>
    internal Samples? UpdatesPerSecond(Track track, string name) => Find(track, Work.Text, name)?.Processor.Each(microseconds => Words.Updates / microseconds * 1_000_000);

    /// <summary>Whether each of some contestants costs no more than the next: the largest ratio of neighbours.</summary>
    internal Samples? Order(Track track, Work work, Func<Contestant, Samples> cost, params string[] names)
    {
        Contestant[] all = [.. names.Select(name => Find(track, work, name)).OfType<Contestant>()];
        return all.Length == names.Length ? Samples.Of(all.Zip(all.Skip(1), (lower, higher) => cost(lower).RatioTo(cost(higher))).Max()) : null;
    }

    private Contestant? Find(Track track, Work work, string name) =>
        _races.GetValueOrDefault(PeerRace.TitleOf(track, work))?.Contestants.FirstOrDefault(contestant => contestant.Name == name);
}
