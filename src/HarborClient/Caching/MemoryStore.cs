using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace HarborClient.Caching;

internal sealed class MemoryStore(long sizeLimitBytes, TimeProvider time)
{
    private readonly ConcurrentDictionary<CacheKey, MemoryItem> _items = new();
    internal long Bytes => _items.Values.Sum(i => i.Bytes);
    internal int Count => _items.Count;
    internal bool TryGet(in CacheKey key, [NotNullWhen(true)] out MemoryItem? item) => _items.TryGetValue(key, out item) && item.ExpiresAt > time.GetTimestamp();
    internal void Set(in CacheKey key, MemoryItem item) { if (sizeLimitBytes > 0) _items[key] = item; }
}
