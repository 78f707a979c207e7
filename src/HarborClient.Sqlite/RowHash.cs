using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace HarborClient.Sqlite;

/// <summary>Says whether a row is what was written under its key: what a disk tore, altered or put elsewhere is not delivered. Not thread-safe.</summary>
/// <remarks>Eight bytes of SHA-256, against accidents and not against people.</remarks>
internal sealed class RowHash : IDisposable
{
    private readonly IncrementalHash _sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <param name="key">By its UTF-16 units: in UTF-8, halves of characters are all the same.</param>
    /// <param name="createdAt">In ticks.</param>
    /// <param name="expiresAt">In ticks.</param>
    /// <param name="tags">As they stand in the row.</param>
    /// <param name="payload">The payload.</param>
    internal long Of(string key, long createdAt, long expiresAt, string? tags, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[24];
        BinaryPrimitives.WriteInt64LittleEndian(head, createdAt);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], expiresAt);
        BinaryPrimitives.WriteInt32LittleEndian(head[16..], key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(head[20..], tags?.Length ?? -1);
        _sha.AppendData(head);
        _sha.AppendData(MemoryMarshal.AsBytes(key.AsSpan()));
        _sha.AppendData(MemoryMarshal.AsBytes(tags.AsSpan()));
        _sha.AppendData(payload);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _sha.GetHashAndReset(hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }

    public void Dispose() => _sha.Dispose();
}
