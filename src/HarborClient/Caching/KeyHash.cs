using System.Buffers.Binary;
using System.Security.Cryptography;

namespace HarborClient.Caching;

// Hot path: once per cached call, over the whole request.

/// <summary>
/// Hashes requests for this process's memory: two polynomials over the integers modulo 2^61 - 1, at two points that are drawn when the process starts and never leave it. Not a
/// cryptographic hash, which would take as long as the rest of a hit, but a universal one (Carter and Wegman 1979): two different requests of n bytes share a hash with a chance of at
/// most (n / 7 / 2^61)², 2^-87 for a megabyte, whoever chose them, since nobody sees the points or a hash.
/// </summary>
internal struct KeyHash
{
    private const ulong Prime = (1UL << 61) - 1;

    /// <summary>Seven bytes stay below the prime.</summary>
    private const int ChunkBytes = 7;
    private const ulong Chunk = (1UL << (8 * ChunkBytes)) - 1;
    private const int BlockBytes = 4 * ChunkBytes;

    private static readonly Powers One = Powers.Random();
    private static readonly Powers Other = Powers.Random();

    private ulong _one;
    private ulong _other;
    private long _length;

    // Bytes of a chunk that is not full: the next piece goes on with it.
    private ulong _pending;
    private int _pendingBytes;

    internal static UInt128 Of(ReadOnlySpan<byte> bytes)
    {
        var hash = new KeyHash();
        hash.Append(bytes);
        return hash.Result();
    }

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        while (_pendingBytes > 0 && !bytes.IsEmpty) bytes = Pend(bytes);
        ulong one = _one;
        ulong other = _other;

        // Eight bytes are read for the last seven.
        while (bytes.Length > BlockBytes)
        {
            ulong a = BinaryPrimitives.ReadUInt64LittleEndian(bytes) & Chunk;
            ulong b = BinaryPrimitives.ReadUInt64LittleEndian(bytes[ChunkBytes..]) & Chunk;
            ulong c = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(2 * ChunkBytes)..]) & Chunk;
            ulong d = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(3 * ChunkBytes)..]) & Chunk;
            one = One.Fold(one, a, b, c, d);
            other = Other.Fold(other, a, b, c, d);
            bytes = bytes[BlockBytes..];
        }

        (_one, _other) = (one, other);
        while (!bytes.IsEmpty) bytes = Pend(bytes);
    }

    /// <summary>The length is the last coefficient, so that a text with zeros at its end is not the one without.</summary>
    internal UInt128 Result()
    {
        if (_pendingBytes > 0) FoldPending();
        return new UInt128(One.Fold(_one, (ulong)_length), Other.Fold(_other, (ulong)_length));
    }

    private ReadOnlySpan<byte> Pend(ReadOnlySpan<byte> bytes)
    {
        _pending |= (ulong)bytes[0] << (8 * _pendingBytes);
        if (++_pendingBytes == ChunkBytes) FoldPending();
        return bytes[1..];
    }

    private void FoldPending()
    {
        _one = One.Fold(_one, _pending);
        _other = Other.Fold(_other, _pending);
        _pending = 0;
        _pendingBytes = 0;
    }

    /// <summary>A point and its powers, for four chunks at a time.</summary>
    private readonly struct Powers
    {
        private readonly ulong _first;
        private readonly ulong _second;
        private readonly ulong _third;
        private readonly ulong _fourth;

        private Powers(ulong point)
        {
            _first = point;
            _second = Reduce((UInt128)point * point);
            _third = Reduce((UInt128)_second * point);
            _fourth = Reduce((UInt128)_third * point);
        }

        internal static Powers Random()
        {
            Span<byte> drawn = stackalloc byte[8];
            RandomNumberGenerator.Fill(drawn);
            return new Powers(Reduce(BinaryPrimitives.ReadUInt64LittleEndian(drawn)));
        }

        internal ulong Fold(ulong sum, ulong chunk) => Reduce(Product(sum, _first) + chunk);

        /// <summary>Four products of less than 2^122 are less than 2^124: one reduction for all.</summary>
        internal ulong Fold(ulong sum, ulong a, ulong b, ulong c, ulong d) =>
            Reduce(Product(sum, _fourth) + Product(a, _third) + Product(b, _second) + Product(c, _first) + d);

        private static UInt128 Product(ulong one, ulong other)
        {
            ulong high = Math.BigMul(one, other, out ulong low);
            return new UInt128(high, low);
        }

        /// <summary>2^61 is 1 modulo the prime: what is above the 61st bit counts once.</summary>
        private static ulong Reduce(UInt128 value)
        {
            ulong sum = ((ulong)value & Prime) + (ulong)(value >> 61);
            sum = (sum & Prime) + (sum >> 61);
            return sum >= Prime ? sum - Prime : sum;
        }
    }
}
