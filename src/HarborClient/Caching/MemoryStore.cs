using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace HarborClient.Caching;

// Hot path: TryGet, once per cached call. It takes no lock and allocates nothing.

/// <summary>
/// What this process's memory keeps, within a limit in bytes. Thread-safe. When it is full, the place for a new entry is made by S3-FIFO (Yang et al., SOSP 2023), weighed by bytes:
/// a new entry is young; the oldest young one goes, unless it was asked for twice and settles; the oldest settled one goes, unless it was asked for since its turn last came. Only when the
/// young have shrunk to their share does a settled one go. A key that comes back soon after it went settles at once. A hit only counts a use, which threads need not agree on.
/// </summary>
/// <remarks>
/// Microsoft.Extensions.Caching.Memory was to be this, and is not: over its limit it refuses the newest entry and compacts by priority and last access in the background, so that a full
/// cache keeps what it has and pays again for what is asked now. Here the newest is always admitted, unless it is larger than a quarter of the limit and would push out too much else.
/// Measured beside it: SIEVE (NSDI 2024) answers as many calls where the popular questions stay so, and clearly fewer where others take their place; LRU the other way about.
/// An expired entry stays until its place is needed, for calls that may be answered with it while the provider is down; however often it was asked for, it goes when its turn comes.
/// </remarks>
internal sealed class MemoryStore
{
    /// <summary>What the store itself takes for an entry: its place and its node in the dictionary (104 bytes), its bucket (16), and the key of one that has gone (56 with the slack of its tables).</summary>
    internal const int EntryBytes = 176;

    /// <summary>The young keep a fifth at least.</summary>
    private const int YoungShare = 5;

    private readonly ConcurrentDictionary<CacheKey, MemoryItem> _entries = new(concurrencyLevel: 1, capacity: 31);
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly long _limitBytes;

    // Changed under _gate only, as _entries is. Bytes and count are read without it.
    private readonly MemoryQueue _young = new();
    private readonly MemoryQueue _settled = new();
    private readonly RecentKeys _gone = new();
    private long _bytes;
    private int _count;
    private long _evicted;

    /// <param name="sizeLimitBytes">How many bytes the entries may take together. At 0 nothing is kept.</param>
    /// <param name="time">By whose timestamps entries expire.</param>
    internal MemoryStore(long sizeLimitBytes, TimeProvider time)
    {
        _limitBytes = sizeLimitBytes;
        _time = time;
    }

    /// <summary>What all entries take, <see cref="EntryBytes"/> for each included.</summary>
    internal long Bytes => Volatile.Read(ref _bytes);

    internal int Count => Volatile.Read(ref _count);

    /// <summary>How many had to go for others.</summary>
    internal long Evicted => Volatile.Read(ref _evicted);

    /// <summary>Looks for an entry that has not expired.</summary>
    internal bool TryGet(in CacheKey key, [NotNullWhen(true)] out MemoryItem? item) => TryGet(key, _time.GetTimestamp(), out item);

    /// <summary>The same for whoever has looked at the clock already.</summary>
    internal bool TryGet(in CacheKey key, long now, [NotNullWhen(true)] out MemoryItem? item)
    {
        if (TryGetExpired(key, out item) && item.ExpiresAt > now) return true;
        item = null;
        return false;
    }

    /// <summary>Looks for an entry that may have expired, however long ago.</summary>
    internal bool TryGetExpired(in CacheKey key, [NotNullWhen(true)] out MemoryItem? item)
    {
        if (!_entries.TryGetValue(key, out item)) return false;
        item.Use();
        return true;
    }

    /// <summary>Keeps an item, in place of one with the same key; that one goes even where the new one is too large to be kept.</summary>
    /// <returns>Whether it is kept.</returns>
    internal bool Set(in CacheKey key, MemoryItem item)
    {
        bool isAdmitted = item.Bytes <= (_limitBytes / 4) - EntryBytes;
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out MemoryItem? former))
            {
                // It stays in the dictionary until the new one takes its place: nobody misses it in between.
                former.Queue!.Remove(former);
                if (!isAdmitted) _entries.TryRemove(key, out _);
            }

            if (isAdmitted)
            {
                item.Key = key;
                MakeRoom(item.BytesWithPlace);
                (former is not null || _gone.Contains(key) ? _settled : _young).Add(item);
                _entries[key] = item;
            }

            Publish();
            return isAdmitted;
        }
    }

    /// <returns>Whether there was one.</returns>
    internal bool Remove(in CacheKey key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out MemoryItem? entry)) return false;
            Drop(entry);
            Publish();
            return true;
        }
    }

    /// <summary>Removes all that are selected. It looks at every entry, and nothing is kept meanwhile; hits go on.</summary>
    /// <returns>How many there were.</returns>
    internal int RemoveWhere(CacheSelection selection)
    {
        lock (_gate)
        {
            int removed = RemoveWhere(_young, selection) + RemoveWhere(_settled, selection);
            Publish();
            return removed;
        }
    }

    internal void Clear()
    {
        lock (_gate)
        {
            _entries.Clear();
            _young.Clear();
            _settled.Clear();
            _gone.Clear();
            Publish();
        }
    }

    private int RemoveWhere(MemoryQueue queue, CacheSelection selection)
    {
        int removed = 0;
        for (MemoryItem? entry = queue.Oldest, next; entry is not null; entry = next)
        {
            next = entry.Newer;
            if (!entry.IsSelected(selection)) continue;
            Drop(entry);
            removed++;
        }

        return removed;
    }

    private void MakeRoom(long bytes)
    {
        if (_young.Bytes + _settled.Bytes + bytes <= _limitBytes) return;
        long now = _time.GetTimestamp();

        // An entry has few uses to its credit, and hits that count faster than its turns come must not hold this up forever.
        int mostSpared = MemoryItem.MostUses * _settled.Count;
        while (_young.Bytes + _settled.Bytes + bytes > _limitBytes)
        {
            if (_settled.Oldest is not { } settled || _young.Bytes > _limitBytes / YoungShare) TakeOldestYoung(now);
            else if (settled.Uses > 0 && settled.ExpiresAt > now && mostSpared-- > 0) Spare(settled);
            else Evict(settled);
        }
    }

    private void TakeOldestYoung(long now)
    {
        MemoryItem entry = _young.Oldest!;
        if (entry.Uses > 1 && entry.ExpiresAt > now)
        {
            _young.Remove(entry);
            entry.Uses = 0;
            _settled.Add(entry);
        }
        else
        {
            Evict(entry);
            _gone.Add(entry.Key, _young.Count + _settled.Count);
        }
    }

    private void Spare(MemoryItem entry)
    {
        entry.Uses--;
        _settled.Remove(entry);
        _settled.Add(entry);
    }

    private void Evict(MemoryItem entry)
    {
        Drop(entry);
        Volatile.Write(ref _evicted, _evicted + 1);
    }

    private void Drop(MemoryItem entry)
    {
        entry.Queue!.Remove(entry);
        _entries.TryRemove(entry.Key, out _);
    }

    private void Publish()
    {
        Volatile.Write(ref _bytes, _young.Bytes + _settled.Bytes);
        Volatile.Write(ref _count, _young.Count + _settled.Count);
    }
}
