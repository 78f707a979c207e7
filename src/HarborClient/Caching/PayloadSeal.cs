using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace HarborClient.Caching;

/// <summary>
/// The envelope around every payload that leaves the process: a version, what was done to the payload, and what shows that it is this payload under this key. Compressed where that pays.
/// With keys, sealed by AES-256-GCM with the first of them, and opened with any: a key is replaced by putting the new one first until what the old one sealed has expired. Thread-safe.
/// </summary>
/// <remarks>
/// <code>
/// version, flags, length of key id, key id, nonce (12), tag (16), sealed body      with keys
/// version, flags, CRC-32C of key and body (4), body                                without
/// body = payload, or compressed: length of the payload (4), Brotli
/// </code>
/// The seal covers version, flags, key id and the key of the entry, so an entry that was moved under another key does not open. With keys, what is not sealed is a miss: whoever can write
/// to the cache could otherwise put answers there. Nothing that is read here throws; what cannot be opened is a miss.
/// </remarks>
internal sealed class PayloadSeal : IDisposable
{
    private const byte Version = 1;
    private const byte Compressed = 1;
    private const byte Encrypted = 2;
    private const int LengthBytes = sizeof(uint);
    private const int ChecksumBytes = sizeof(uint);

    private readonly IReadOnlyList<SealingKey> _keys;

    /// <param name="keys">The first seals, all open. None: nothing is encrypted. Disposed with this.</param>
    internal PayloadSeal(IReadOnlyList<SealingKey> keys) => _keys = keys;

    /// <param name="key">Of the entry, in its level.</param>
    /// <param name="payload">Of any length.</param>
    internal byte[] Seal(string key, ReadOnlySpan<byte> payload)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(LengthBytes + PayloadCompression.MostCompressed(payload.Length));
        int compressed = PayloadCompression.Compress(payload, buffer.AsSpan(LengthBytes));
        byte[] sealedBytes = compressed == 0 ? Close(key, 0, payload) : CloseCompressed(key, payload.Length, buffer.AsSpan(0, LengthBytes + compressed));

        // It held an answer.
        ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        return sealedBytes;
    }

    /// <param name="key">Of the entry, in its level.</param>
    /// <param name="sealedBytes">What was found there; may be anything.</param>
    /// <returns>The payload; null where these bytes are none, or not this entry's.</returns>
    internal byte[]? Open(string key, ReadOnlySpan<byte> sealedBytes)
    {
        var reader = new FieldReader(sealedBytes);
        if (reader.Byte() != Version) return null;
        byte flags = reader.Byte();
        bool isEncrypted = (flags & Encrypted) != 0;
        if ((flags & ~(Compressed | Encrypted)) != 0 || isEncrypted != _keys.Count > 0) return null;

        byte[]? body = isEncrypted ? Decrypt(key, flags, ref reader) : Check(key, flags, ref reader);
        if (body is null || (flags & Compressed) == 0) return body;
        return body.Length < LengthBytes ? null : PayloadCompression.Decompress(body.AsSpan(LengthBytes), BinaryPrimitives.ReadUInt32LittleEndian(body));
    }

    public void Dispose()
    {
        foreach (SealingKey key in _keys) key.Dispose();
    }

    private byte[] CloseCompressed(string key, int length, Span<byte> body)
    {
        BinaryPrimitives.WriteInt32LittleEndian(body, length);
        return Close(key, Compressed, body);
    }

    private byte[] Close(string key, byte flags, ReadOnlySpan<byte> body) => _keys.Count > 0 ? Encrypt(_keys[0], key, (byte)(flags | Encrypted), body) : Sum(key, flags, body);

    private static byte[] Encrypt(SealingKey sealing, string key, byte flags, ReadOnlySpan<byte> body)
    {
        int idAt = 3, nonceAt = idAt + sealing.Id.Length, tagAt = nonceAt + SealingKey.NonceBytes, bodyAt = tagAt + SealingKey.TagBytes;
        var result = new byte[bodyAt + body.Length];
        (result[0], result[1], result[2]) = (Version, flags, (byte)sealing.Id.Length);
        Encoding.ASCII.GetBytes(sealing.Id, result.AsSpan(idAt));
        Span<byte> nonce = result.AsSpan(nonceAt, SealingKey.NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        sealing.Encrypt(nonce, body, result.AsSpan(bodyAt), result.AsSpan(tagAt, SealingKey.TagBytes), Bound(flags, sealing.Id, key));
        return result;
    }

    private byte[]? Decrypt(string key, byte flags, ref FieldReader reader)
    {
        ReadOnlySpan<byte> id = reader.Bytes(), nonce = reader.Fixed(SealingKey.NonceBytes), tag = reader.Fixed(SealingKey.TagBytes), secret = reader.Rest();
        if (reader.HasFailed || Find(id) is not { } sealing) return null;
        var body = new byte[secret.Length];
        return sealing.TryDecrypt(nonce, secret, tag, body, Bound(flags, sealing.Id, key)) ? body : null;
    }

    private SealingKey? Find(ReadOnlySpan<byte> id)
    {
        foreach (SealingKey key in _keys)
        {
            if (Ascii.Equals(id, key.Id)) return key;
        }

        return null;
    }

    private static byte[] Sum(string key, byte flags, ReadOnlySpan<byte> body)
    {
        var result = new byte[2 + ChecksumBytes + body.Length];
        (result[0], result[1]) = (Version, flags);
        BinaryPrimitives.WriteUInt32LittleEndian(result.AsSpan(2), Checksum.Of(Bound(flags, "", key), body));
        body.CopyTo(result.AsSpan(2 + ChecksumBytes));
        return result;
    }

    private static byte[]? Check(string key, byte flags, ref FieldReader reader)
    {
        ReadOnlySpan<byte> sum = reader.Fixed(ChecksumBytes), body = reader.Rest();
        if (reader.HasFailed || BinaryPrimitives.ReadUInt32LittleEndian(sum) != Checksum.Of(Bound(flags, "", key), body)) return null;
        return body.ToArray();
    }

    /// <summary>What the seal covers beside the body. Each part has a fixed length or its length before it, but for the last.</summary>
    private static byte[] Bound(byte flags, string id, string key)
    {
        var bound = new byte[3 + id.Length + Encoding.UTF8.GetByteCount(key)];
        (bound[0], bound[1], bound[2]) = (Version, flags, (byte)id.Length);
        Encoding.ASCII.GetBytes(id, bound.AsSpan(3));
        Encoding.UTF8.GetBytes(key, bound.AsSpan(3 + id.Length));
        return bound;
    }
}
