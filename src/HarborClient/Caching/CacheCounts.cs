using HarborClient.Telemetry;

namespace HarborClient.Caching;

/// <summary>What a client's cache has done, as its instruments tell it.</summary>
internal static class CacheCounts
{
    internal const string Hit = "hit";
    internal const string Miss = "miss";
    internal const string Failed = "failed";

    internal static IEnumerable<CacheCount> Of(CacheStatistics cache)
    {
        string memory = NameOf(CacheLevel.Memory);

        // What a similar question answers was looked up in vain before.
        yield return new(new(CacheMeter.Lookups, memory, Miss), cache.DistributedHits + cache.DurableHits + cache.Misses + cache.SemanticHits);
        yield return new(new(CacheMeter.Lookups, memory, Hit), cache.MemoryHits);
        yield return new(new(CacheMeter.Stored, memory), cache.Stored);
        yield return new(new(CacheMeter.Evicted, memory), cache.Evicted);
        yield return new(new(CacheMeter.SemanticHits), cache.SemanticHits);
        yield return new(new(CacheMeter.Coalesced), cache.Coalesced);
        yield return new(new(CacheMeter.SavedTokens), cache.SavedTokens);
        yield return new(new(CacheMeter.SavedCost), cache.SavedCost.NanoUsd);
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
