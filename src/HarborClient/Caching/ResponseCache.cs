using HarborClient.Caching;
using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient;

/// <summary>What a client keeps of answers, and of its user's own values: reach it at <see cref="FastClient.Cache"/>. Thread-safe.</summary>
public sealed partial class ResponseCache
{
    private readonly TimeProvider _time;
    private readonly Func<double> _random;
    private readonly MemoryStore _memory;
    private readonly TimeSpan _memoryTtl;
    private readonly GuardedLevel[] _levels;
    private readonly PayloadSeal _seal;
    private readonly LevelRemovals _removals;
    private readonly ILogger _logger;
    private readonly CacheCounters _counters = new();
    private readonly Lazy<Task> _end;
    private readonly CacheSource _source;

    internal ResponseCache(CacheOptions options, MemoryCacheOptions memory, IReadOnlyList<ICacheLevel> levels, PayloadSeal seal, TimeProvider time, Func<double> random, ILogger logger)
    {
        Options = options;
        _memoryTtl = memory.Ttl;
        _time = time;
        _random = random;
        _seal = seal;
        _memory = new MemoryStore(memory.SizeLimitBytes, time);
        _removals = new LevelRemovals(time);
        _logger = logger;
        _own = new OwnFlights(AnswerAsync, new CancellationTokenSource(), time, logger);
        _schedules = new RefreshSchedules(time, logger);
        _end = new Lazy<Task>(EndAsync);
        _levels = [.. levels.Select(level => new GuardedLevel(level, time, logger))];
        foreach (GuardedLevel level in _levels) level.Watch(OnRemovedElsewhere);
        _source = CacheMeter.Add(() => CacheCounts.Of(Statistics), () => _memory.Bytes);
    }

    /// <summary>What has been found and kept so far.</summary>
    /// <value>A new snapshot each time.</value>
    public CacheStatistics Statistics
    {
        get
        {
            LevelStatistics[] levels = [.. _levels.Select(level => level.Statistics)];
            return new CacheStatistics
            {
                MemoryHits = _counters.HitsOf(CacheLevel.Memory),
                DistributedHits = _counters.HitsOf(CacheLevel.Distributed),
                DurableHits = _counters.HitsOf(CacheLevel.Durable),
                SemanticHits = _counters.SimilarHits,
                Misses = _counters.Misses,
                Coalesced = _counters.CoalescedCount,
                Stored = _counters.StoredCount,
                Dropped = levels.Sum(level => level.Dropped),
                Evicted = _memory.Evicted,
                Bytes = _memory.Bytes,
                Entries = _memory.Count,
                SavedTokens = _counters.SavedTokens,
                SavedCost = _counters.SavedCost,
                Levels = [.. levels.Select(level => new CacheLevelStatistics(level.Name, level.Level, level.IsAsked)
                {
                    Hits = level.Hits,
                    Misses = level.Misses,
                    Failures = level.Failures + level.Timeouts,
                    Stored = level.Stored,
                    Dropped = level.Dropped,
                    MedianRead = level.MedianRead,
                    Percentile95Read = level.Percentile95Read,
                })],
            };
        }
    }

    internal CacheOptions Options { get; }

    /// <summary>Says what hits save; null where nobody does.</summary>
    internal ISavedPrices? Prices { get; set; }

    /// <summary>Whether nothing has been removed since something was asked for.</summary>
    internal bool IsCurrent(AskedAt asked) => asked.Removals == _removals.Version;

    /// <summary>For what is asked for from here on.</summary>
    internal AskedAt Now => new(_time.GetUtcNow(), _removals.Version);

    /// <summary>Whether a failure may be answered by what is known here.</summary>
    internal bool Remembers => Options.NegativeTtl > TimeSpan.Zero || Options.StaleFor > TimeSpan.Zero;

    /// <summary>Whether content of a class may be kept.</summary>
    internal bool Permits(DataClass? content) => content is null || Options.NeverStoreFrom is not { } from || content < from;

    /// <summary>A fresh answer from memory.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="isDue">Whether it should be made anew behind the caller; true for one caller only.</param>
    internal CacheHit? Find(in CacheKey key, out bool isDue)
    {
        isDue = false;
        long now = _time.GetTimestamp();
        if (!_memory.TryGet(key, now, out MemoryItem? item) || item.Value is not StoredAnswer answer) return null;
        isDue = Options.RefreshAfter < 1 && item.TryBeginRefresh(now, Options.RefreshAfter);
        _counters.Hit(CacheLevel.Memory, answer, Prices?.CostOf(answer, now));
        return answer.InMemory;
    }

    /// <summary>Whether a fresh answer is in memory.</summary>
    internal bool Has(in CacheKey key) => _memory.TryGet(key, out MemoryItem? item) && item.Value is StoredAnswer;

    /// <summary>An answer that has expired, and may serve while its provider is down.</summary>
    internal CacheHit? FindStale(in CacheKey key)
    {
        if (Options.StaleFor == TimeSpan.Zero || !_memory.TryGetExpired(key, out MemoryItem? item) || item.Value is not StoredAnswer answer) return null;
        if (_time.GetElapsedTime(item.ExpiresAt) > Options.StaleFor) return null;
        _counters.Hit(CacheLevel.Memory, answer, SavedBy(answer));
        return new CacheHit(answer, CacheLevel.Memory, isStale: true);
    }

    private Money? SavedBy(StoredAnswer answer) => Prices?.CostOf(answer, _time.GetTimestamp());

    /// <summary>A refusal that is remembered, for this caller to throw.</summary>
    internal HarborException? FindRefusal(in CacheKey key) => _memory.TryGet(key, out MemoryItem? item) && item.Value is HarborException refusal ? refusal.Copy() : null;

    /// <summary>Remembers a refusal that would come again: the request is wrong, and not the moment.</summary>
    internal void Remember(in CacheKey key, string space, HarborException refusal)
    {
        if (Options.NegativeTtl == TimeSpan.Zero || refusal is not { Kind: ErrorKind.InvalidRequest or ErrorKind.NotFound or ErrorKind.ContextTooLong, StatusCode: not null }) return;
        Set(key, new MemoryItem { Value = refusal.Copy(), Space = space, Bytes = StoredSize.OfRefusal, CreatedAt = _time.GetTimestamp(), ExpiresAt = After(Options.NegativeTtl) }, Now);
    }

    /// <summary>A call waits for an answer that another one has asked for.</summary>
    internal void Joined() => _counters.Coalesced();

    internal void Missed() => _counters.Missed();

    /// <summary>Keeps a chat answer, here and, where it has a name, below.</summary>
    /// <param name="key">In memory.</param>
    /// <param name="space">What the names of its kind begin with.</param>
    /// <param name="name">In the levels below; null where it does not go there.</param>
    /// <param name="answer">What is kept.</param>
    /// <param name="ttl">How long; null for each level's own.</param>
    /// <param name="tags">By which it can be removed.</param>
    /// <param name="asked">When it was asked for: a removal after that means it too.</param>
    internal void Keep(in CacheKey key, string space, string? name, StoredAnswer answer, TimeSpan? ttl, IReadOnlyList<string> tags, AskedAt asked)
    {
        Set(key, ItemOf(answer, StoredSize.Of(answer), space, name, Jittered(ttl ?? _memoryTtl), tags), asked);
        if (name is not null && AnswerCodec.CanWrite(answer)) WriteBelow(name, answer, ttl, tags, asked);
        _counters.Stored();
    }

    /// <summary>Writes what is queued, for five seconds at most, and closes the levels.</summary>
    internal Task DisposeAsync() => _end.Value;

    /// <summary>The same, for who does not wait for it.</summary>
    internal void Abandon() => _ = _end.Value;

    private async Task EndAsync()
    {
        Stop();
        await Task.WhenAll(_schedules.EndAsync(), _own.EndAsync()).ConfigureAwait(false);
        await Task.WhenAll(_levels.Select(level => level.DisposeAsync().AsTask())).ConfigureAwait(false);
        _seal.Dispose();

        // A client that somebody still holds holds nothing of what was kept.
        _memory.Clear();
        _source.Dispose();
    }

    private MemoryItem ItemOf(object value, long bytes, string space, string? name, TimeSpan ttl, IReadOnlyList<string> tags) => new()
    {
        Value = value,
        Space = space,
        Name = name,
        Tags = tags,
        Bytes = bytes,
        CreatedAt = _time.GetTimestamp(),
        ExpiresAt = After(ttl),
    };

    private void Set(in CacheKey key, MemoryItem item, AskedAt asked)
    {
        if (!_removals.Means(item, asked.Removals)) _memory.Set(key, item);
    }

    private TimeSpan Jittered(TimeSpan ttl) => Options.TtlJitter == 0 ? ttl : ttl * (1 + (Options.TtlJitter * ((2 * _random()) - 1)));

    private long After(TimeSpan ttl) => _time.GetTimestamp() + (long)(ttl.TotalSeconds * _time.TimestampFrequency);
}
