using HarborClient.Caching;

namespace HarborClient;

/// <content>The levels below the process's memory.</content>
public sealed partial class ResponseCache
{
    /// <summary>Whether there are levels for a call; one that has to stay at home is kept in memory only.</summary>
    internal bool HasLevelsFor(bool isLocalOnly) => !isLocalOnly && false;

    internal ValueTask<CacheHit?> FindBelowAsync(CacheKey key, string name, string space) => default;

    internal HarborException? FindRefusal(in CacheKey key) => null;

    internal CacheHit? FindStale(in CacheKey key) => null;

    internal void Remember(in CacheKey key, string space, HarborException e) { }
}
