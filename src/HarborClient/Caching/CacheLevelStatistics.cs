namespace HarborClient;

/// <summary>How a level below the process's memory does. Immutable.</summary>
/// <param name="Name">The level's type.</param>
/// <param name="Level">What its answers are marked with.</param>
/// <param name="IsAsked">Whether it is asked; not while it fails.</param>
public sealed record CacheLevelStatistics(string Name, CacheLevel Level, bool IsAsked)
{
    /// <summary>Reads that found an entry.</summary>
    public long Hits { get; init; }

    /// <summary>Reads that found none.</summary>
    public long Misses { get; init; }

    /// <summary>Reads that failed, or took longer than their budget of 5 to 50 ms.</summary>
    public long Failures { get; init; }

    /// <summary>Entries that were written.</summary>
    public long Stored { get; init; }

    /// <summary>Entries that were given up, because the level was slow or away.</summary>
    public long Dropped { get; init; }

    /// <summary>What half of the last reads took at most.</summary>
    public TimeSpan MedianRead { get; init; }

    /// <summary>What 95 of 100 of the last reads took at most.</summary>
    public TimeSpan Percentile95Read { get; init; }
}
