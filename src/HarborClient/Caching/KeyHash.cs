using System.Buffers.Binary;
using System.Security.Cryptography;

namespace HarborClient.Caching;

// Hot path: once per cached call, over the whole request.

/// <summary>
/// Hashes requests for this process's memory: 24 bytes for each kilobyte (<see cref="KeyBlock"/>), and of these two polynomials over the integers modulo 2^61 - 1. Keys and points are
/// drawn when the process starts and never leave it. Not a cryptographic hash, which would take as long as the rest of a hit, but a universal one (Carter and Wegman 1979): two different
/// requests of n kilobytes share a hash with a chance of at most 2^-96 + ((4 n + 5) / 2^61)², 2^-95 for a megabyte, whoever chose them, since nobody sees the points or a hash.
/// </summary>
internal struct KeyHash
{
    private const ulong Prime = (1UL << 61) - 1;

    private static readonly Powers One = Powers.Random();
    private static readonly Powers Other = Powers.Random();

    private ulong _one;
    private ulong _other;
    private long _length;

    internal static CacheKey Of(ReadOnlySpan<byte> bytes) => default(KeyHash).With(bytes);

    /// <summary>Takes the blocks that are full.</summary>
    /// <returns>How many bytes that were; the others come again, before what follows them.</returns>
    internal int Append(ReadOnlySpan<byte> bytes)
    {
        int taken = 0;
        for (; bytes.Length - taken >= KeyBlock.Bytes; taken += KeyBlock.Bytes) Fold(KeyBlock.Of(bytes.Slice(taken, KeyBlock.Bytes)));
        _length += taken;
        return taken;
    }

    /// <summary>The hash of what was appended and of what follows it. The length is the last coefficient, so that a text with zeros at its end is not the one without.</summary>
    internal readonly CacheKey With(ReadOnlySpan<byte> last)
    {
        KeyHash whole = this;
        int taken = whole.Append(last);
        if (taken < last.Length) whole.Fold(KeyBlock.Of(last[taken..]));
        ulong length = (ulong)(_length + last.Length);
        return new CacheKey(One.Fold(whole._one, length), Other.Fold(whole._other, length));
    }

    private void Fold(in KeyBlock block)
    {
        (_one, _other) = (One.Fold(_one, block), Other.Fold(_other, block));
    }

    /// <summary>A point and its powers, for four coefficients at a time.</summary>
    private readonly struct Powers
    {
        private readonly ulong _first;
        private readonly ulong _second;
        private readonly ulong _third;
        private readonly ulong _fourth;

        private Powers(ulong point)
        {
            _first = point;
            _second = Wide.Product(point, point).Reduced();
            _third = Wide.Product(_second, point).Reduced();
            _fourth = Wide.Product(_third, point).Reduced();
        }

        internal static Powers Random()
        {
            Span<byte> drawn = stackalloc byte[8];
            RandomNumberGenerator.Fill(drawn);
            return new Powers(new Wide(0, BinaryPrimitives.ReadUInt64LittleEndian(drawn)).Reduced());
        }

        internal ulong Fold(ulong sum, ulong coefficient) => Wide.Product(sum, _first).Plus(new Wide(0, coefficient)).Reduced();

        /// <summary>Coefficients stay below the prime: three of 60 bits, and what is left of the three words. Four products of less than 2^122 are less than 2^124: one reduction for all.</summary>
        internal ulong Fold(ulong sum, in KeyBlock block)
        {
            ulong left = ((block.First & 15) << 8) | ((block.Second & 15) << 4) | (block.Third & 15);
            return Wide.Product(sum, _fourth).Plus(Wide.Product(block.First >> 4, _third)).Plus(Wide.Product(block.Second >> 4, _second)).Plus(Wide.Product(block.Third >> 4, _first)).Plus(new Wide(0, left)).Reduced();
        }
    }

    /// <summary>A number of 128 bits. Not <see cref="UInt128"/>: see <see cref="CacheKey"/>.</summary>
    private readonly struct Wide(ulong high, ulong low)
    {
        private readonly ulong _high = high;
        private readonly ulong _low = low;

        internal static Wide Product(ulong one, ulong other)
        {
            ulong high = Math.BigMul(one, other, out ulong low);
            return new Wide(high, low);
        }

        internal Wide Plus(Wide other)
        {
            ulong low = _low + other._low;
            return new Wide(_high + other._high + (low < _low ? 1UL : 0), low);
        }

        /// <summary>2^61 is 1 modulo the prime: what is above the 61st bit counts once. Of up to five numbers below 2^122.</summary>
        internal ulong Reduced()
        {
            ulong sum = (_low & Prime) + ((_high << 3) | (_low >> 61));
            sum = (sum & Prime) + (sum >> 61);
            return sum >= Prime ? sum - Prime : sum;
        }
    }
}
