namespace HarborClient.Caching;

/// <summary>What has happened in a client's cache since it was built. Thread-safe.</summary>
internal sealed class CacheCounters
{
    private readonly long[] _hits = new long[Enum.GetValues<CacheLevel>().Length];
    private long _misses;
    private long _stored;
    private long _coalesced;
    private long _savedTokens;

    internal long SavedTokens => Interlocked.Read(ref _savedTokens);

    internal long Misses => Interlocked.Read(ref _misses);

    internal long StoredCount => Interlocked.Read(ref _stored);

    internal long CoalescedCount => Interlocked.Read(ref _coalesced);

    internal long HitsOf(CacheLevel level) => Interlocked.Read(ref _hits[(int)level]);

    internal void Hit(CacheLevel level, StoredAnswer? answer)
    {
        Interlocked.Increment(ref _hits[(int)level]);
        if (answer is { TotalTokens: > 0 }) Interlocked.Add(ref _savedTokens, answer.TotalTokens);
    }

    internal void Missed() => Interlocked.Increment(ref _misses);

    internal void Stored() => Interlocked.Increment(ref _stored);

    internal void Coalesced() => Interlocked.Increment(ref _coalesced);
}
