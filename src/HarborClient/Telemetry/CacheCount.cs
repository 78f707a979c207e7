namespace HarborClient.Telemetry;

/// <summary>One count of one client's cache, for its counters.</summary>
/// <param name="Key">What it counts.</param>
/// <param name="Value">How many since the client was built.</param>
internal readonly record struct CacheCount(CacheCountKey Key, long Value)
{
    internal const string Hit = "hit";
    internal const string Miss = "miss";
    internal const string Failed = "failed";

    /// <summary>All that is counted in a cache.</summary>
    internal static IEnumerable<CacheCount> Of(CacheStatistics cache)
    {
        string memory = NameOf(CacheLevel.Memory);

        // What a similar question answers was looked up in vain before.
        yield return new(new(CacheMeter.Lookups, memory, Hit), cache.MemoryHits);
        yield return new(new(CacheMeter.Lookups, memory, Miss), cache.DistributedHits + cache.DurableHits + cache.Misses + cache.SemanticHits);
        yield return new(new(CacheMeter.Stored, memory), cache.Stored);
        yield return new(new(CacheMeter.Evicted, memory), cache.Evicted);
        yield return new(new(CacheMeter.SemanticHits), cache.SemanticHits);
        yield return new(new(CacheMeter.Coalesced), cache.Coalesced);
        yield return new(new(CacheMeter.SavedTokens), cache.SavedTokens);
        foreach (CacheLevelStatistics level in cache.Levels)
        {
            string name = NameOf(level.Level);
            yield return new(new(CacheMeter.Lookups, name, Hit), level.Hits);
            yield return new(new(CacheMeter.Lookups, name, Miss), level.Misses);
            yield return new(new(CacheMeter.Lookups, name, Failed), level.Failures);
            yield return new(new(CacheMeter.Stored, name), level.Stored);
            yield return new(new(CacheMeter.Dropped, name), level.Dropped);
        }
    }

    internal static string NameOf(CacheLevel level) => level switch
    {
        CacheLevel.Memory => "memory",
        CacheLevel.Distributed => "distributed",
        _ => "durable",
    };
}

/// <summary>What tells counts apart.</summary>
/// <param name="Instrument">Its name.</param>
/// <param name="Level">Of which level; null for all.</param>
/// <param name="Result">How a look-up ended; null for other counts.</param>
internal readonly record struct CacheCountKey(string Instrument, string? Level = null, string? Result = null)
{
    internal IEnumerable<KeyValuePair<string, object?>> Tags()
    {
        if (Level is not null) yield return new("harbor.cache.level", Level);
        if (Result is not null) yield return new("harbor.cache.result", Result);
    }
}
