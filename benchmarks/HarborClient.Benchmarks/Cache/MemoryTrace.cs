using HarborClient.Caching;

namespace HarborClient.Benchmarks.Cache;

/// <summary>A trace of questions asked of the memory cache's store alone.</summary>
internal static class MemoryTrace
{
    private const long AnswerBytes = 1_000;

    /// <param name="calls">The question of each call.</param>
    /// <param name="room">How many answers there is room for.</param>
    internal static int HitsOf(int[] calls, int room)
    {
        var store = new MemoryStore(room * (AnswerBytes + MemoryStore.EntryBytes), TimeProvider.System);
        int hits = 0;
        foreach (int question in calls)
        {
            var key = new CacheKey(0, (ulong)question);
            if (store.TryGet(key, out _)) hits++;
            else store.Set(key, new MemoryItem { Value = calls, Space = "", Bytes = AnswerBytes, CreatedAt = 0, ExpiresAt = long.MaxValue });
        }

        return hits;
    }
}
