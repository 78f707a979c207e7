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
        DateTimeOffset askedAt = _time.GetUtcNow();
        if (await FindItemBelowAsync(name, static (payload, level) => VectorCodec.Read(payload, level)).ConfigureAwait(false) is not { } found) return null;
        Set(key, ItemOf(new StoredVector(found.Value.Values, found.Value.Model), space, name, found.Left < _memoryTtl ? found.Left : Jittered(_memoryTtl), found.Tags), askedAt);
        _counters.Hit(found.Value.Level, null);
        return found.Value;
    }

    internal void Keep(in CacheKey key, string space, string? name, StoredVector vector, TimeSpan? ttl, IReadOnlyList<string> tags, DateTimeOffset askedAt)
    {
        _counters.Missed();
        Set(key, ItemOf(vector, space, name, Jittered(ttl ?? _memoryTtl), tags), askedAt);
        if (name is not null) WriteBelow(name, () => VectorCodec.Write(vector), StoredSize.Of(vector), ttl, tags, askedAt);
        _counters.Stored();
    }

    private MemoryItem ItemOf(StoredVector vector, string space, string? name, TimeSpan ttl, IReadOnlyList<string> tags) => new()
    {
        Value = vector,
        Space = space,
        Name = name,
        Tags = tags,
        Bytes = StoredSize.Of(vector),
        CreatedAt = _time.GetTimestamp(),
        ExpiresAt = After(ttl),
    };
}
