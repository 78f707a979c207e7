using System.Buffers.Text;
using System.Text;
using HarborClient.Pools;

namespace HarborClient.Providers;

// Hot path: texts with escapes.

/// <summary>JSON string escapes to UTF-8. Unlike <see cref="System.Text.Json.Utf8JsonReader.GetString"/> it never refuses: a lone surrogate becomes U+FFFD.</summary>
internal static class JsonText
{
    /// <summary>Appends the unescaped text. The result is never longer than the source.</summary>
    /// <param name="escaped">The inside of a JSON string that a reader has already accepted, so every escape is well-formed.</param>
    /// <param name="into">Where the text goes.</param>
    internal static void Unescape(ReadOnlySpan<byte> escaped, PooledBuffer into)
    {
        while (true)
        {
            int backslash = escaped.IndexOf((byte)'\\');
            if (backslash < 0 || backslash + 1 >= escaped.Length)
            {
                into.Append(escaped);
                return;
            }

            into.Append(escaped[..backslash]);
            byte kind = escaped[backslash + 1];
            escaped = escaped[(backslash + 2)..];
            if (kind == (byte)'u') escaped = AppendCodePoint(escaped, into);
            else AppendByte(into, Simple(kind));
        }
    }

    private static byte Simple(byte kind) => kind switch
    {
        (byte)'n' => (byte)'\n',
        (byte)'t' => (byte)'\t',
        (byte)'r' => (byte)'\r',
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        _ => kind,
    };

    private static ReadOnlySpan<byte> AppendCodePoint(ReadOnlySpan<byte> rest, PooledBuffer into)
    {
        char first = Unit(ref rest);
        Rune rune;
        if (char.IsHighSurrogate(first) && rest.StartsWith("\\u"u8))
        {
            ReadOnlySpan<byte> after = rest[2..];
            char second = Unit(ref after);
            if (Rune.TryCreate(first, second, out rune)) rest = after;
            else rune = Rune.ReplacementChar;
        }
        else if (!Rune.TryCreate(first, out rune))
        {
            rune = Rune.ReplacementChar;
        }

        Span<byte> encoded = into.GetSpan(4);
        into.Advance(rune.EncodeToUtf8(encoded));
        return rest;
    }

    private static char Unit(ref ReadOnlySpan<byte> rest)
    {
        ushort unit = Utf8Parser.TryParse(rest[..Math.Min(4, rest.Length)], out ushort parsed, out int consumed, 'x') && consumed == 4 ? parsed : (ushort)0xFFFD;
        rest = rest[Math.Min(4, rest.Length)..];
        return (char)unit;
    }

    private static void AppendByte(PooledBuffer into, byte value)
    {
        into.GetSpan(1)[0] = value;
        into.Advance(1);
    }
}
