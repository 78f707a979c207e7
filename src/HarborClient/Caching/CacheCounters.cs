namespace HarborClient.Caching;

/// <summary>What has happened in a client's cache since it was built. Thread-safe.</summary>
internal sealed class CacheCounters
{
    private readonly long[] _hits = new long[Enum.GetValues<CacheLevel>().Length];
    private long _misses;
    private long _stored;
    private long _coalesced;
    private long _savedTokens;
    private long _similar;
    private long _savedNano;

    internal long SavedTokens => Interlocked.Read(ref _savedTokens);

    internal Money SavedCost => new(Interlocked.Read(ref _savedNano));

    internal long SimilarHits => Interlocked.Read(ref _similar);

    /// <summary>A call that a similar question answers has been looked up in vain before. Those are read first: the difference is never too small.</summary>
    internal long Misses
    {
        get
        {
            long similar = SimilarHits;
            return Math.Max(0, Interlocked.Read(ref _misses) - similar);
        }
    }

    internal long StoredCount => Interlocked.Read(ref _stored);

    internal long CoalescedCount => Interlocked.Read(ref _coalesced);

    internal long HitsOf(CacheLevel level) => Interlocked.Read(ref _hits[(int)level]);

    internal void Hit(CacheLevel level, StoredAnswer? answer, Money? saved = null)
    {
        Interlocked.Increment(ref _hits[(int)level]);
        if (answer is { TotalTokens: > 0 }) Interlocked.Add(ref _savedTokens, answer.TotalTokens);
        if (saved is { NanoUsd: > 0 and var nano }) Interlocked.Add(ref _savedNano, nano);
    }

    internal void HitSimilar(CacheLevel level, StoredAnswer answer, Money? saved)
    {
        Interlocked.Increment(ref _similar);
        Hit(level, answer, saved);
    }

    internal void Missed() => Interlocked.Increment(ref _misses);

    internal void Stored() => Interlocked.Increment(ref _stored);

    internal void Coalesced() => Interlocked.Increment(ref _coalesced);
}
