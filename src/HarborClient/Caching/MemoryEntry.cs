namespace HarborClient.Caching;

/// <summary>A place in a queue of a <see cref="MemoryStore"/>. What is kept under a key anew gets a new place, so key and item belong together for good.</summary>
internal sealed class MemoryEntry(in CacheKey key, MemoryItem item)
{
    internal const byte MostUses = 3;

    internal readonly CacheKey Key = key;

    internal readonly MemoryItem Item = item;

    /// <summary>How often it was asked for since its queue last came to it, up to three times. Counted without the store's lock: a use that is lost in a race is of no importance.</summary>
    internal byte Uses;

    // Guarded by the store's lock.
    internal MemoryQueue? Queue;
    internal MemoryEntry? Newer;
    internal MemoryEntry? Older;

    internal long Bytes => Item.Bytes + MemoryStore.EntryBytes;

    /// <summary>Not written at the most: an entry that many threads ask for stays in all their processor caches.</summary>
    internal void Use()
    {
        if (Uses < MostUses) Uses++;
    }
}
