namespace HarborClient.Caching;

/// <summary>How one cache level fares; a snapshot.</summary>
internal sealed record LevelStatistics
{
    /// <summary>The name of its type.</summary>
    internal required string Name { get; init; }

    internal required CacheLevel Level { get; init; }

    /// <summary>Whether it is asked: its reads have not failed too often lately.</summary>
    internal required bool IsAsked { get; init; }

    /// <summary>Whether it is written to.</summary>
    internal required bool IsWritten { get; init; }

    internal required long Hits { get; init; }

    /// <summary>Answers of the level that were of no use: it had nothing, or something expired or removed.</summary>
    internal required long Misses { get; init; }

    /// <summary>Reads that were not made, because the level is left alone.</summary>
    internal required long Unasked { get; init; }

    internal required long Failures { get; init; }

    internal required long Timeouts { get; init; }

    internal required long Stored { get; init; }

    /// <summary>Entries that were not written: the queue was full, the level was left alone, or they were removed meanwhile.</summary>
    internal required long Dropped { get; init; }

    internal required long FailedWrites { get; init; }

    internal required int Queued { get; init; }

    internal required long QueuedBytes { get; init; }

    /// <summary>How long a call waits for it at most.</summary>
    internal required TimeSpan Budget { get; init; }

    internal required TimeSpan MedianRead { get; init; }

    internal required TimeSpan Percentile95Read { get; init; }
}
