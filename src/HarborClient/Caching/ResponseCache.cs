using HarborClient.Caching;
using HarborClient.Routing;
using Microsoft.Extensions.Logging;

namespace HarborClient;

/// <summary>What a client keeps of answers: reach it at <see cref="FastClient.Cache"/>. Thread-safe.</summary>
public sealed partial class ResponseCache
{
    private readonly TimeProvider _time;
    private readonly Func<double> _random;
    private readonly MemoryStore _memory;
    private readonly MemoryCacheOptions _memoryOptions;
    private readonly CacheCounters _counters = new();

    internal ResponseCache(CacheOptions options, MemoryCacheOptions memory, TimeProvider time, Func<double> random, ILogger logger)
    {
        Options = options;
        _memoryOptions = memory;
        _time = time;
        _random = random;
        _memory = new MemoryStore(memory.SizeLimitBytes, time);
        _ = logger;
    }

    /// <summary>What has been found and kept so far.</summary>
    /// <value>A new snapshot each time.</value>
    public CacheStatistics Statistics => new()
    {
        MemoryHits = _counters.HitsOf(CacheLevel.Memory),
        DistributedHits = _counters.HitsOf(CacheLevel.Distributed),
        DurableHits = _counters.HitsOf(CacheLevel.Durable),
        Misses = _counters.Misses,
        Coalesced = _counters.CoalescedCount,
        Stored = _counters.StoredCount,
        Bytes = _memory.Bytes,
        Entries = _memory.Count,
    };

    internal CacheOptions Options { get; }

    /// <summary>Whether a failure may be answered by what is known here.</summary>
    internal bool Remembers => Options.NegativeTtl > TimeSpan.Zero || Options.StaleFor > TimeSpan.Zero;

    /// <summary>Whether content of a class may be kept.</summary>
    internal bool Permits(DataClass? content) => content is null || Options.NeverStoreFrom is not { } from || content < from;

    /// <summary>A fresh answer from memory.</summary>
    internal CacheHit? Find(in CacheKey key)
    {
        if (!_memory.TryGet(key, out MemoryItem? item) || item.Value is not CacheHit hit) return null;
        _counters.Hit(CacheLevel.Memory);
        return hit;
    }

    /// <summary>Whether a fresh answer is in memory.</summary>
    internal bool Has(in CacheKey key) => _memory.TryGet(key, out _);

    /// <summary>A call waits for an answer that another one has asked for.</summary>
    internal void Joined() => _counters.Coalesced();

    internal void Missed() => _counters.Missed();

    /// <summary>Keeps a chat answer, here and, where it has a name, below.</summary>
    internal void Keep(in CacheKey key, string space, string? name, StoredAnswer answer, TimeSpan? ttl, IReadOnlyList<string> tags)
    {
        _memory.Set(key, new MemoryItem
        {
            Value = new CacheHit(answer, CacheLevel.Memory, isStale: false),
            Space = space,
            Name = name,
            Tags = tags,
            Bytes = StoredSize.Of(answer),
            CreatedAt = _time.GetTimestamp(),
            ExpiresAt = After(Jittered(ttl ?? _memoryOptions.Ttl)),
        });
        _counters.Stored();
    }

    private TimeSpan Jittered(TimeSpan ttl) => Options.TtlJitter == 0 ? ttl : ttl * (1 + (Options.TtlJitter * ((2 * _random()) - 1)));

    private long After(TimeSpan ttl) => _time.GetTimestamp() + (long)(ttl.TotalSeconds * _time.TimestampFrequency);
}
