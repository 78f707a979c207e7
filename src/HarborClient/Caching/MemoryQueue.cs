namespace HarborClient.Caching;

/// <summary>Entries of a <see cref="MemoryStore"/> in the order in which they came. Guarded by the store's lock.</summary>
internal sealed class MemoryQueue
{
    private MemoryItem? _newest;

    internal MemoryItem? Oldest { get; private set; }

    internal long Bytes { get; private set; }

    internal int Count { get; private set; }

    internal void Add(MemoryItem entry)
    {
        entry.Queue = this;
        entry.Older = _newest;
        if (_newest is null) Oldest = entry;
        else _newest.Newer = entry;
        _newest = entry;
        Bytes += entry.BytesWithPlace;
        Count++;
    }

    internal void Remove(MemoryItem entry)
    {
        if (entry.Older is null) Oldest = entry.Newer;
        else entry.Older.Newer = entry.Newer;
        if (entry.Newer is null) _newest = entry.Older;
        else entry.Newer.Older = entry.Older;
        entry.Queue = null;
        entry.Newer = entry.Older = null;
        Bytes -= entry.BytesWithPlace;
        Count--;
    }

    internal void Clear()
    {
        _newest = Oldest = null;
        Bytes = 0;
        Count = 0;
    }
}
