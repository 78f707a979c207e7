using System.Diagnostics.Metrics;

namespace HarborClient.Telemetry;

/// <summary>
/// The instruments of caches. All but the time that reads take are read from the clients' statistics when somebody collects, and cost nothing otherwise. Thread-safe.
/// </summary>
/// <remarks>A process has one of each, and clients add up. What a client counted that is gone stays counted: a counter never falls.</remarks>
internal static class CacheMeter
{
    internal const string Lookups = "harbor.client.cache.lookups";
    internal const string SemanticHits = "harbor.client.cache.semantic_hits";
    internal const string Coalesced = "harbor.client.cache.coalesced";
    internal const string Stored = "harbor.client.cache.stored";
    internal const string Dropped = "harbor.client.cache.dropped";
    internal const string Evicted = "harbor.client.cache.evicted";
    internal const string SavedTokens = "harbor.client.cache.saved_tokens";
    internal const string SavedCost = "harbor.client.cache.saved_cost";

    // A read is waited for 50 ms at most.
    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05] };

    private static readonly Histogram<double> ReadDuration = HarborMeter.Meter.CreateHistogram(
        "harbor.client.cache.read.duration", "s", "What reads of the levels below the memory take, by harbor.cache.level and harbor.cache.result.", null, Seconds);

    private static readonly Lock Gate = new();

    // Guarded by Gate.
    private static readonly List<Known> Sources = [];
    private static readonly Dictionary<CacheCountKey, long> Gone = [];

    static CacheMeter()
    {
        Counter(Lookups, "{lookup}", "Look-ups, by harbor.cache.level and harbor.cache.result: hit, miss or failed.");
        Counter(SemanticHits, "{call}", "Calls that were answered as a similar question was; they are hits of their level too.");
        Counter(Coalesced, "{call}", "Calls that waited for an answer that another one had asked for.");
        Counter(Stored, "{entry}", "Entries that were kept, by harbor.cache.level.");
        Counter(Dropped, "{entry}", "Entries that were to be written to a level and were given up, by harbor.cache.level.");
        Counter(Evicted, "{entry}", "Entries that had to go from memory for others.");
        Counter(SavedTokens, "{token}", "Tokens that providers did not have to make again.");
        Counter(SavedCost, "{nano_usd}", "What these would have cost, in billionths of a US dollar, as far as there are prices.");
        HarborMeter.Meter.CreateObservableGauge("harbor.client.cache.size", MeasureBytes, "By", "What the entries in memory take.");
    }

    /// <summary>A client's cache is read from now on, until what is returned is disposed or collected.</summary>
    internal static CacheSource Add(Func<IEnumerable<CacheCount>> counts, Func<long> bytes)
    {
        var source = new CacheSource(counts, bytes);
        lock (Gate)
        {
            Forget(known => !known.Source.TryGetTarget(out _));
            Sources.Add(new Known(new WeakReference<CacheSource>(source)));
        }

        return source;
    }

    internal static void Remove(CacheSource source)
    {
        lock (Gate)
        {
            foreach (Known known in Sources)
            {
                if (known.Is(source)) known.Read(source);
            }

            Forget(known => known.Is(source));
        }
    }

    /// <summary>A level below the memory has been read.</summary>
    internal static void Read(string level, string result, TimeSpan taken)
    {
        if (ReadDuration.Enabled) ReadDuration.Record(taken.TotalSeconds, [.. new CacheCountKey("", level, result).Tags()]);
    }

    private static void Counter(string name, string unit, string description) => HarborMeter.Meter.CreateObservableCounter(name, () => Measure(name), unit, description);

    private static List<Measurement<long>> Measure(string instrument)
    {
        lock (Gate)
        {
            foreach (Known known in Sources)
            {
                if (known.Source.TryGetTarget(out CacheSource? source)) known.Read(source);
            }

            var sums = new Dictionary<CacheCountKey, long>(Gone);
            foreach (Known known in Sources) Add(known.Last, sums);
            return [.. sums.Where(sum => sum.Key.Instrument == instrument).Select(sum => new Measurement<long>(sum.Value, sum.Key.Tags()))];
        }
    }

    private static long MeasureBytes()
    {
        lock (Gate) return Sources.Sum(known => known.Source.TryGetTarget(out CacheSource? source) ? source.Bytes : 0);
    }

    /// <summary>Under the gate.</summary>
    private static void Forget(Predicate<Known> isMeant)
    {
        foreach (Known known in Sources.FindAll(isMeant)) Add(known.Last, Gone);
        Sources.RemoveAll(isMeant);
    }

    private static void Add(Dictionary<CacheCountKey, long> counts, Dictionary<CacheCountKey, long> sums)
    {
        foreach ((CacheCountKey key, long value) in counts) sums[key] = sums.GetValueOrDefault(key) + value;
    }

    /// <summary>Weak: a client that nobody disposes is not kept alive by its counters, and what was last read of it stays counted.</summary>
    private sealed class Known(WeakReference<CacheSource> source)
    {
        internal WeakReference<CacheSource> Source => source;

        internal Dictionary<CacheCountKey, long> Last { get; private set; } = [];

        internal bool Is(CacheSource other) => source.TryGetTarget(out CacheSource? known) && ReferenceEquals(known, other);

        internal void Read(CacheSource known)
        {
            var now = new Dictionary<CacheCountKey, long>();
            foreach (CacheCount count in known.Counts) now[count.Key] = now.GetValueOrDefault(count.Key) + count.Value;

            // Some counts are sums of others, which calls may change while they are read.
            foreach ((CacheCountKey key, long value) in Last) now[key] = Math.Max(value, now[key]);
            Last = now;
        }
    }
}
