using System.Text;
using Microsoft.Extensions.Caching.Distributed;

namespace HarborClient.Caching;

/// <summary>
/// Any <see cref="IDistributedCache"/> as a level. It knows keys only: a removed tag or prefix is written down beside the entries with its time, and an entry that was made before is not
/// delivered.
/// </summary>
/// <param name="cache">Stays the caller's.</param>
/// <param name="ttl">How long entries are kept.</param>
/// <param name="time">The client's clock.</param>
internal sealed class DistributedCacheLevel(IDistributedCache cache, TimeSpan ttl, TimeProvider time) : ICacheLevel
{
    private const byte Version = 1;
    private const string Prefix = "harbor:";

    /// <summary>Marks are kept as long as entries may be at the longest.</summary>
    private static readonly TimeSpan LongestTtl = TimeSpan.FromDays(365);

    public CacheLevel Level => CacheLevel.Distributed;

    public TimeSpan Ttl => ttl;

    public async ValueTask<CacheItem?> GetAsync(string key, CancellationToken cancellationToken)
    {
        if (await cache.GetAsync(Prefix + key, cancellationToken).ConfigureAwait(false) is not { } bytes || Read(bytes) is not { } item || item.ExpiresAt <= time.GetUtcNow()) return null;
        foreach (string mark in MarksOf(key, item.Tags))
        {
            if (await cache.GetAsync(mark, cancellationToken).ConfigureAwait(false) is { Length: sizeof(long) } removed && BitConverter.ToInt64(removed) >= item.CreatedAt.UtcTicks) return null;
        }

        return item;
    }

    public async ValueTask SetAsync(string key, CacheItem item, CancellationToken cancellationToken) =>
        await cache.SetAsync(Prefix + key, Write(item), new DistributedCacheEntryOptions { AbsoluteExpiration = item.ExpiresAt }, cancellationToken).ConfigureAwait(false);

    public async ValueTask RemoveAsync(CacheSelection selection, CancellationToken cancellationToken)
    {
        if (selection.Kind == CacheSelectionKind.Key)
        {
            await cache.RemoveAsync(Prefix + selection.Value, cancellationToken).ConfigureAwait(false);
            return;
        }

        string mark = selection.Kind == CacheSelectionKind.Tag ? TagMark(selection.Value) : SpaceMark(selection.Value);
        await cache.SetAsync(mark, BitConverter.GetBytes(time.GetUtcNow().UtcTicks), new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = LongestTtl }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>It has no messages: other processes' memories keep what they have until it expires.</summary>
    public void Watch(Action<CacheSelection?> removed)
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string TagMark(string tag) => $"{Prefix}tag:{tag}";

    private static string SpaceMark(string prefix) => $"{Prefix}prefix:{prefix}";

    /// <summary>
    /// What may have been removed with an entry: its tags, and the beginnings of its key that are removed by: whole kinds, providers and models, and a user's own keys up to each colon or slash.
    /// </summary>
    private static IEnumerable<string> MarksOf(string key, IReadOnlyList<string> tags)
    {
        foreach (string tag in tags) yield return TagMark(tag);
        for (int i = 0; i < key.Length; i++)
        {
            if (key[i] is ':' or '/') yield return SpaceMark(key[..(i + 1)]);
        }
    }

    private static byte[] Write(CacheItem item)
    {
        using var bytes = new MemoryStream(item.Payload.Length + 64);
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(Version);
        writer.Write(item.CreatedAt.UtcTicks);
        writer.Write(item.ExpiresAt.UtcTicks);
        writer.Write7BitEncodedInt(item.Tags.Count);
        foreach (string tag in item.Tags) writer.Write(tag);
        writer.Write(item.Payload.Span);
        writer.Flush();
        return bytes.ToArray();
    }

    private static CacheItem? Read(byte[] bytes)
    {
        try
        {
            using var stream = new MemoryStream(bytes);
            using var reader = new BinaryReader(stream, Encoding.UTF8);
            if (reader.ReadByte() != Version) return null;
            var createdAt = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
            var expiresAt = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
            int count = reader.Read7BitEncodedInt();
            if (count < 0 || count > bytes.Length) return null;
            var tags = new string[count];
            for (int i = 0; i < count; i++) tags[i] = reader.ReadString();
            return new CacheItem(bytes.AsMemory((int)stream.Position), createdAt, expiresAt, tags);
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException or IOException)
        {
            // Somebody else's bytes under our key.
            return null;
        }
    }
}
