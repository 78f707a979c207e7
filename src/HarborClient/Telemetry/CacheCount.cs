namespace HarborClient.Telemetry;

/// <summary>One count of one client's cache, for its counters.</summary>
/// <param name="Key">What it counts.</param>
/// <param name="Value">How many since the client was built.</param>
internal readonly record struct CacheCount(CacheCountKey Key, long Value);

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
