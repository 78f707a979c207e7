using HarborClient.Caching;

namespace HarborClient.Tests.Caching;

internal static class MemoryItems
{
    // Keys as different as hashes are.
    public static CacheKey Key(int number) => new((ulong)(number + 1) * 0x9E3779B97F4A7C15, (ulong)(number + 1) * 0xC2B2AE3D27D4EB4F);

    public static MemoryItem Of(object value, long bytes = 1_000, long expiresAt = long.MaxValue, string space = "chat:openai/gpt-5-mini:", string? name = null, params string[] tags) =>
        new() { Value = value, Space = space, Name = name, Tags = tags, Bytes = bytes, CreatedAt = 0, ExpiresAt = expiresAt };

    // A limit that so many items of so many bytes fill.
    public static long RoomFor(int items, long bytes = 1_000) => items * (bytes + MemoryStore.EntryBytes);
}
