using System.Buffers.Binary;
using System.Text;

namespace HarborClient.Redis;

/// <summary>
/// An entry as one Redis string: two bytes that say what it is, when it was made and expires (ticks of UTC), its tags, and its payload. Anything else under the key is no entry.
/// </summary>
internal static class RedisCacheFormat
{
    /// <summary>'H', and the version.</summary>
    private const byte Magic = 0x48;
    private const byte Version = 1;
    private const int FixedBytes = 2 + (2 * sizeof(long)) + sizeof(ushort);

    internal static byte[] Write(CacheItem item)
    {
        int length = FixedBytes + item.Payload.Length;
        foreach (string tag in item.Tags) length += sizeof(ushort) + Encoding.UTF8.GetByteCount(tag);
        var bytes = new byte[length];
        bytes[0] = Magic;
        bytes[1] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(2), item.CreatedAt.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(10), item.ExpiresAt.UtcTicks);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(18), checked((ushort)item.Tags.Count));
        int at = FixedBytes;
        foreach (string tag in item.Tags)
        {
            int written = Encoding.UTF8.GetBytes(tag, bytes.AsSpan(at + sizeof(ushort)));
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), checked((ushort)written));
            at += sizeof(ushort) + written;
        }

        item.Payload.Span.CopyTo(bytes.AsSpan(at));
        return bytes;
    }

    /// <summary>Null where the bytes are no entry of this version.</summary>
    internal static CacheItem? Read(byte[]? bytes)
    {
        if (bytes is null || bytes.Length < FixedBytes || bytes[0] != Magic || bytes[1] != Version) return null;
        long created = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(2));
        long expires = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(10));
        if (!IsTime(created) || !IsTime(expires)) return null;
        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(18));
        int at = FixedBytes;
        string[] tags = count == 0 ? [] : new string[count];
        for (int i = 0; i < count; i++)
        {
            if (bytes.Length - at < sizeof(ushort)) return null;
            int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
            at += sizeof(ushort);
            if (bytes.Length - at < length) return null;
            tags[i] = Encoding.UTF8.GetString(bytes, at, length);
            at += length;
        }

        return new CacheItem(bytes.AsMemory(at), new DateTimeOffset(created, TimeSpan.Zero), new DateTimeOffset(expires, TimeSpan.Zero), tags);
    }

    private static bool IsTime(long ticks) => ticks >= DateTimeOffset.MinValue.UtcTicks && ticks <= DateTimeOffset.MaxValue.UtcTicks;
}
