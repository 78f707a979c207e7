using System.Text;
using System.Text.Unicode;

namespace HarborClient.Caching;

/// <summary>
/// Reads what <see cref="FieldWriter"/> has written, out of bytes that may be anything. The first field that is not there or not right makes it fail for good: from then on every field is
/// empty, and <see cref="IsWhole"/> says so in the end. It throws nothing, and takes no memory for a length or a count that the bytes do not back up.
/// </summary>
internal ref struct FieldReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>All that is counted together: more than any answer has, and few enough to be made of bytes that were written to use up memory.</summary>
    private const int MostCounted = 1_000_000;

    private ReadOnlySpan<byte> _rest = bytes;
    private int _countable = MostCounted;
    private bool _hasFailed;

    /// <summary>Whether every field was right and nothing is left.</summary>
    internal readonly bool IsWhole => !_hasFailed && _rest.IsEmpty;

    internal readonly bool HasFailed => _hasFailed;

    internal byte Byte() => Take(1) is [byte value] ? value : (byte)0;

    internal bool Flag()
    {
        byte value = Byte();
        if (value > 1) Fail();
        return value == 1;
    }

    /// <param name="leastBytesEach">How many bytes each of what is counted takes at least.</param>
    internal int Count(int leastBytesEach)
    {
        int count = Bounded(Varint(), Math.Min(_countable, _rest.Length / leastBytesEach));
        _countable -= count;
        return count;
    }

    internal long Number()
    {
        ulong value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    internal long? OptionalNumber() => Flag() ? Number() : null;

    internal ReadOnlySpan<byte> Bytes() => Take(Bounded(Varint(), _rest.Length));

    /// <summary>Bytes without a length before them.</summary>
    internal ReadOnlySpan<byte> Fixed(int count) => Take(count);

    /// <summary>All that is left.</summary>
    internal ReadOnlySpan<byte> Rest() => Take(_rest.Length);

    /// <summary>Bytes that are a text in UTF-8.</summary>
    internal ReadOnlySpan<byte> Utf8Text()
    {
        ReadOnlySpan<byte> value = Bytes();
        if (Utf8.IsValid(value)) return value;
        Fail();
        return default;
    }

    internal string Text() => Encoding.UTF8.GetString(Utf8Text());

    internal string? OptionalText() => Flag() ? Text() : null;

    /// <summary>For who finds a field wrong by what it says.</summary>
    internal void Fail()
    {
        _hasFailed = true;
        _rest = default;
    }

    private int Bounded(ulong value, int most)
    {
        if (value <= (ulong)most) return (int)value;
        Fail();
        return 0;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Byte();

            // The tenth byte has room for one bit.
            if (shift == 63 && next > 1) break;
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }

        Fail();
        return 0;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            Fail();
            return default;
        }

        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
