using System.Buffers;
using System.Text;

namespace HarborClient.Caching;

/// <summary>Writes fields one after the other: numbers as varints of seven bits a byte, texts and bytes behind their length. Its counterpart is <see cref="FieldReader"/>.</summary>
internal readonly struct FieldWriter(IBufferWriter<byte> output)
{
    private const int MostVarintBytes = 10;

    internal void Byte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    internal void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    internal void Count(int value) => Varint((uint)value);

    /// <summary>The sign goes to the lowest bit, so that small numbers are short on both sides of zero.</summary>
    internal void Number(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    internal void OptionalNumber(long? value)
    {
        Flag(value.HasValue);
        if (value is { } given) Number(given);
    }

    internal void Bytes(ReadOnlySpan<byte> value)
    {
        Count(value.Length);
        output.Write(value);
    }

    internal void Text(string value)
    {
        Count(Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, output);
    }

    internal void OptionalText(string? value)
    {
        Flag(value is not null);
        if (value is not null) Text(value);
    }

    private void Varint(ulong value)
    {
        Span<byte> span = output.GetSpan(MostVarintBytes);
        int length = 0;
        for (; value >= 0x80; value >>= 7) span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        output.Advance(length);
    }
}
