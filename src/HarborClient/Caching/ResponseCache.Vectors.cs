using HarborClient.Caching;

namespace HarborClient;

/// <content>Embeddings, one entry a text.</content>
public sealed partial class ResponseCache
{
    internal StoredVector? FindVector(in CacheKey key)
    {
        if (!_memory.TryGet(key, out MemoryItem? item) || item.Value is not StoredVector vector) return null;
        _counters.Hit(CacheLevel.Memory, null);
        return vector;
    }

    internal async ValueTask<StoredVector?> FindVectorBelowAsync(CacheKey key, string name, string space)
    {
        AskedAt asked = Now;
        if (await FindItemBelowAsync(name, static (payload, level) => VectorCodec.Read(payload, level)).ConfigureAwait(false) is not { } found) return null;
        Set(key, ItemOf(new StoredVector(found.Value.Values, found.Value.Model), StoredSize.Of(found.Value), space, name, found.Left < _memoryTtl ? found.Left : Jittered(_memoryTtl), found.Tags), asked);
        _counters.Hit(found.Value.Level, null);
        return found.Value;
    }

    internal void Keep(in CacheKey key, string space, string? name, StoredVector vector, TimeSpan? ttl, IReadOnlyList<string> tags, AskedAt asked)
    {
        _counters.Missed();
        Set(key, ItemOf(vector, StoredSize.Of(vector), space, name, Jittered(ttl ?? _memoryTtl), tags), asked);
        if (name is not null) WriteBelow(name, () => VectorCodec.Write(vector), StoredSize.Of(vector), ttl, tags, asked);
        _counters.Stored();
    }
}
