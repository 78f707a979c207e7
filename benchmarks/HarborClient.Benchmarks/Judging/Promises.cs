using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Gate;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Peers;

namespace HarborClient.Benchmarks.Judging;

/// <summary>The promises about the cost of a call and of a client, as data.</summary>
internal static class Promises
{
    private const double Kilobyte = 1024;

    /// <summary>Modes that do the same work differ by this much in their processor time by chance, so it counts as equal.</summary>
    private const double EqualProcessor = 1.05;

    private const double EqualBytes = 1.01;

    /// <summary>What a plain answer of Claude's takes above bare: 480 B are the dictionaries of its further token counts and its service tier, and blocks are objects.</summary>
    private const double ClaudeBytes = 4_450;

    /// <summary>What a plain call in Full takes since answers are kept: 1,400 B are the kept answer and the request that others may share. Over Claude, with its further token counts, it is the most.</summary>
    private const double FullBytes = 7_670;

    /// <summary>How many calls are in flight where throughput is promised.</summary>
    internal static readonly int[] Crowds = [32, 256];

    private static readonly PerformanceMode[] Modes = Enum.GetValues<PerformanceMode>();
    private static readonly string Fast = PeerRace.Plain(PerformanceMode.Fast);
    private static readonly string Balanced = PeerRace.Plain(PerformanceMode.Balanced);
    private static readonly string Full = PeerRace.Plain(PerformanceMode.Full);

    /// <summary>Holds everything that was measured against its promise.</summary>
    internal static void HoldAll(Judge judge, IReadOnlyList<Measurements> passes)
    {
        foreach (Line line in All())
        {
            Samples[] measured = [.. passes.Select(line.Measure).OfType<Samples>()];
            if (measured.Length > 0) judge.Hold(line.Promise, measured);
        }
    }

    internal static IEnumerable<Line> All() => [.. Track.All.SelectMany(Calls), .. Once()];

    private static IEnumerable<Line> Calls(Track track) => [.. OneShot(track), .. Streams(track), .. Paced(track), .. Agent(track), .. Throughput(track)];

    private static IEnumerable<Line> OneShot(Track track)
    {
        Line Cpu(string name, string of, double bar, string over = PeerRace.BareName) =>
            Processor($"{track}, one-shot: {of}", bar, m => m.Processor(track, Work.OneShot, name, over));
        Line Bytes(string name, string of, double bar, string over = PeerRace.BareName, double? reached = null) =>
            BytesAbove($"{track}, one-shot: {of}", bar * Kilobyte, m => m.BytesAbove(track, Work.OneShot, name, over), reached);

        yield return Cpu(Fast, "Fast, CPU over bare", 1.25);
        yield return Cpu(Balanced, "Balanced, CPU over bare", 1.4);
        yield return Cpu(Full, "Full, CPU over bare of the same events", 1.6, PeerRace.BareStreamName);
        yield return Bytes(Fast, "Fast, bytes above bare", 3.5, reached: track.Dialect == Dialect.Claude ? ClaudeBytes : null);
        yield return Bytes(Balanced, "Balanced, bytes above bare", 5);
        yield return Bytes(Full, "Full, bytes above bare of the same events", 7, PeerRace.BareStreamName, FullBytes);
        yield return Ordered($"{track}, one-shot: CPU", EqualProcessor, Tolerance.Processor, m => m.Order(track, Work.OneShot, one => one.Processor, Fast, Balanced, Full));
        yield return Ordered($"{track}, one-shot: bytes", EqualBytes, Tolerance.Bytes, m => m.Order(track, Work.OneShot, one => one.Bytes, Fast, Balanced, Full));
    }

    private static IEnumerable<Line> Streams(Track track)
    {
        foreach (PerformanceMode mode in Modes)
        {
            string updates = PeerRace.Updates(mode), text = PeerRace.Text(mode), where = $"{track}, stream: {mode}";
            yield return Processor($"{where} as IChatClient, CPU over bare", 3, m => m.Processor(track, Work.Text, updates));
            yield return Processor($"{where} as text, CPU over bare", 2, m => m.Processor(track, Work.Text, text));
            yield return BytesAbove($"{where} as IChatClient, bytes above bare", 62 * Kilobyte, m => m.BytesAbove(track, Work.Text, updates));
            yield return BytesAbove($"{where} as text, bytes above bare", 12 * Kilobyte, m => m.BytesAbove(track, Work.Text, text));
        }

        string[] asUpdates = [.. Modes.Select(PeerRace.Updates)], asText = [.. Modes.Select(PeerRace.Text)];
        yield return Ordered($"{track}, stream as IChatClient: CPU", EqualProcessor, Tolerance.Processor, m => m.Order(track, Work.Text, one => one.Processor, asUpdates));
        yield return Ordered($"{track}, stream as text: CPU", EqualProcessor, Tolerance.Processor, m => m.Order(track, Work.Text, one => one.Processor, asText));
        yield return Ordered($"{track}, stream as IChatClient: bytes", EqualBytes, Tolerance.Bytes, m => m.Order(track, Work.Text, one => one.Bytes, asUpdates));
        yield return Ordered($"{track}, stream as text: bytes", EqualBytes, Tolerance.Bytes, m => m.Order(track, Work.Text, one => one.Bytes, asText));

        // Not over TLS: there the bare client, which looks at nothing, moves fewer updates than that itself.
        if (track.Protocol != Protocol.Http1) yield break;
        yield return new(new Promise($"{track}, stream: updates per second and core, Fast as text", 1_000_000, Tolerance.Speed, "/s", AtLeast: true), m => m.UpdatesPerSecond(track, PeerRace.Text(PerformanceMode.Fast)));
    }

    /// <summary>The stream that is most like a real one: nearly every write is waited for by itself.</summary>
    private static IEnumerable<Line> Paced(Track track)
    {
        string updates = PeerRace.Updates(PerformanceMode.Fast), text = PeerRace.Text(PerformanceMode.Fast);
        yield return BytesAbove($"{track}, paced stream: Fast as IChatClient, bytes above bare", 62 * Kilobyte, m => m.BytesAbove(track, Work.Paced, updates));
        yield return BytesAbove($"{track}, paced stream: Fast as text, bytes above bare", 12 * Kilobyte, m => m.BytesAbove(track, Work.Paced, text));
    }

    private static IEnumerable<Line> Agent(Track track)
    {
        yield return Processor($"{track}, agent's request: Fast, CPU over bare", 1.5, m => m.Processor(track, Work.Agent, Fast));
        yield return BytesAbove($"{track}, agent's request: Fast, bytes above bare", 12 * Kilobyte, m => m.BytesAbove(track, Work.Agent, Fast));
        yield return new(new Promise($"{track}, a 4 MB image: bytes over its payload", 1.1, Tolerance.Bytes, "x"), m => m.BytesAbove(track, Work.Image, Fast)?.Each(bytes => bytes / Requests.ImageBytes));
    }

    private static IEnumerable<Line> Throughput(Track track)
    {
        foreach (int inFlight in Crowds)
        {
            yield return new(new Promise($"{track}, one-shot with {inFlight} in flight: Fast, calls/s over bare", 0.9, Tolerance.Throughput, "x", AtLeast: true), m => m.Throughput(track, inFlight, Fast));
            yield return new(new Promise($"{track}, one-shot with {inFlight} in flight: Balanced, calls/s over bare", 0.8, Tolerance.Throughput, "x", AtLeast: true), m => m.Throughput(track, inFlight, Balanced));
        }
    }

    /// <summary>What has nothing to do with dialect or protocol.</summary>
    private static IEnumerable<Line> Once()
    {
        yield return new(new Promise("client construction, time", 1, Tolerance.Time, "ms"), m => m.Construction is { } cost ? Samples.Of(cost.Milliseconds) : null);
        yield return BytesAbove("client construction, bytes", 60 * Kilobyte, m => m.Construction is { } cost ? Samples.Of(cost.Bytes) : null);
        yield return BytesAbove("1,000 clients, live bytes", 60 * Kilobyte * Kilobyte, m => m.Construction is { } cost ? Samples.Of(cost.CrowdBytes) : null);
        foreach (string how in CloseDelay.Ways)
            yield return new(new Promise($"breaking out of a stream, {how}: the server sees the close", 50, Tolerance.Time, "ms"), m => m.CloseDelays.GetValueOrDefault(how));
        foreach (PerformanceMode mode in Modes)
        {
            yield return BytesAbove($"live managed bytes but Cache.Statistics.Bytes: {mode}, from before Create to after 100 calls", 2 * Kilobyte * Kilobyte, m => m.HeapGrowth.TryGetValue(mode, out HeapGrowth growth) ? Samples.Of(growth.Early) : null);
            yield return BytesAbove($"live managed bytes but Cache.Statistics.Bytes: {mode}, from before Create to after {HeapGrowth.ManyInGate:N0} calls (100,000: `load heap`)", 2 * Kilobyte * Kilobyte, m => m.HeapGrowth.TryGetValue(mode, out HeapGrowth growth) ? Samples.Of(growth.Late) : null);
        }
    }

    private static Line Processor(string text, double bar, Func<Measurements, Samples?> measure) => new(new Promise(text, bar, Tolerance.Processor, "x"), measure);

    private static Line BytesAbove(string text, double bar, Func<Measurements, Samples?> measure, double? reached = null) =>
        new(new Promise(text, bar, Tolerance.Bytes, "B", Reached: reached), measure);

    private static Line Ordered(string what, double bar, Tolerance tolerance, Func<Measurements, Samples?> measure) =>
        new(new Promise($"{what} ordered Fast, Balanced, Full (the largest ratio of neighbours)", bar, tolerance, "x"), measure);
}
