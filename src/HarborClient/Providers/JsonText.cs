using System.Buffers.Text;
using System.Text;
using HarborClient.Pools;

namespace HarborClient.Providers;

// Hot path: texts with escapes.

/// <summary>
/// JSON string escapes to UTF-8. Unlike <see cref="System.Text.Json.Utf8JsonReader.GetString"/> it never refuses: a lone surrogate becomes U+FFFD, except at
/// the end of a piece, where it waits for its other half in the next piece.
/// </summary>
internal static class JsonText
{
    /// <summary>Appends the unescaped text. The result is never longer than the source.</summary>
    /// <param name="escaped">The inside of a JSON string that a reader has already accepted, so every escape is well-formed.</param>
    /// <param name="into">Where the text goes.</param>
    internal static void Unescape(ReadOnlySpan<byte> escaped, PooledBuffer into)
    {
        char half = '\0';
        Unescape(escaped, into, ref half);
        if (half != '\0') Append(into, Rune.ReplacementChar);
    }

    /// <summary>The same for one piece of a longer text.</summary>
    /// <param name="escaped">The piece.</param>
    /// <param name="into">Where the text goes.</param>
    /// <param name="half">The high surrogate that ended the piece before, or 0; then the one that ends this piece. Hosts that cut texts by UTF-16 units split pairs.</param>
    internal static void Unescape(ReadOnlySpan<byte> escaped, PooledBuffer into, ref char half)
    {
        if (half != '\0' && escaped.Length > 0) escaped = Join(escaped, into, ref half);
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
            if (kind == (byte)'u') escaped = AppendCodePoint(escaped, into, ref half);
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

    /// <summary>Puts the half of the piece before together with the one that begins this piece.</summary>
    private static ReadOnlySpan<byte> Join(ReadOnlySpan<byte> escaped, PooledBuffer into, scoped ref char half)
    {
        char first = half;
        half = '\0';
        if (escaped.StartsWith("\\u"u8))
        {
            ReadOnlySpan<byte> after = escaped[2..];
            if (Rune.TryCreate(first, Unit(ref after), out Rune joined))
            {
                Append(into, joined);
                return after;
            }
        }

        Append(into, Rune.ReplacementChar);
        return escaped;
    }

    private static ReadOnlySpan<byte> AppendCodePoint(ReadOnlySpan<byte> rest, PooledBuffer into, scoped ref char half)
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
        else if (char.IsHighSurrogate(first) && rest.Length == 0)
        {
            half = first;
            return rest;
        }
        else if (!Rune.TryCreate(first, out rune))
        {
            rune = Rune.ReplacementChar;
        }

        Append(into, rune);
        return rest;
    }

    private static void Append(PooledBuffer into, Rune rune) => into.Advance(rune.EncodeToUtf8(into.GetSpan(4)));

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
