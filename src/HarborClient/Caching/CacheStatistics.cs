namespace HarborClient;

/// <summary>What a client's cache has done since the client was built, and what it holds. Immutable.</summary>
public sealed record CacheStatistics
{
    /// <summary>Calls that were answered from this process's memory.</summary>
    public long MemoryHits { get; init; }

    /// <summary>Calls that were answered from a cache that processes share.</summary>
    public long DistributedHits { get; init; }

    /// <summary>Calls that were answered from a durable store.</summary>
    public long DurableHits { get; init; }

    /// <summary>Of those calls, the ones that were answered as a similar question was (<see cref="HarborBuilder.UseSemanticCache(string, Action{SemanticCacheOptions}?)"/>).</summary>
    public long SemanticHits { get; init; }

    /// <summary>Calls that were looked up in vain.</summary>
    public long Misses { get; init; }

    /// <summary>Calls that waited for an answer that another one had asked for.</summary>
    public long Coalesced { get; init; }

    /// <summary>Answers that were kept.</summary>
    public long Stored { get; init; }

    /// <summary>Answers that were to be written to a level below the memory and were given up, because it is slow or away.</summary>
    public long Dropped { get; init; }

    /// <summary>Entries that had to go from this process's memory, because it was full.</summary>
    public long Evicted { get; init; }

    /// <summary>What the entries in this process's memory take, in bytes as the client reckons them.</summary>
    public long Bytes { get; init; }

    /// <summary>Entries in this process's memory.</summary>
    public int Entries { get; init; }

    /// <summary>Tokens that providers reported for answers, and did not have to make again.</summary>
    public long SavedTokens { get; init; }

    /// <summary>What those answers would have cost at the prices of the moment when they were given.</summary>
    /// <value>Without those that have no known price, or are paid by the second.</value>
    public Money SavedCost { get; init; }

    /// <summary>How each level below the memory does, in the order in which they are asked.</summary>
    public IReadOnlyList<CacheLevelStatistics> Levels { get; init; } = [];
}
