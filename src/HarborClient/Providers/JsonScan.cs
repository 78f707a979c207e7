using System.Buffers;

namespace HarborClient.Providers;

// Hot path: the text of every event of a stream.

/// <summary>How far a JSON value goes, from inside it. Takes what <see cref="System.Text.Json.Utf8JsonReader"/> takes, or less; -1 for everything else.</summary>
internal static class JsonScan
{
    /// <summary>What ends a string, begins an escape, or may not stand in one.</summary>
    private static readonly SearchValues<byte> EndOfPlainText = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(control => (byte)control), (byte)'"', (byte)'\\']);

    /// <summary>From behind the opening quote: the bytes before the closing one.</summary>
    internal static int StringLength(ReadOnlySpan<byte> rest, out bool isEscaped)
    {
        isEscaped = false;
        int at = 0;
        while (true)
        {
            int found = rest[at..].IndexOfAny(EndOfPlainText);
            if (found < 0) return -1;
            at += found;
            if (rest[at] == (byte)'"') return at;
            int escape = EscapeLength(rest[at..]);
            if (escape < 0) return -1;
            isEscaped = true;
            at += escape;
        }
    }

    /// <summary>The digits of a number without sign; -1 where it would begin with a needless 0. What follows them is the caller's to check.</summary>
    internal static int DigitsLength(ReadOnlySpan<byte> rest)
    {
        int length = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return length <= 0 || (length > 1 && rest[0] == (byte)'0') ? -1 : length;
    }

    /// <summary>Whether a number is nothing but digits.</summary>
    internal static bool IsDigits(ReadOnlySpan<byte> number) => !number.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    /// <summary>The blanks between two tokens, which may be none.</summary>
    internal static int BlanksLength(ReadOnlySpan<byte> rest) => rest.IndexOfAnyExcept((byte)' ');

    private static int EscapeLength(ReadOnlySpan<byte> rest)
    {
        if (rest[0] != (byte)'\\' || rest.Length < 2) return -1;
        if (rest[1] is (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t') return 2;
        if (rest[1] != (byte)'u' || rest.Length < 6) return -1;
        foreach (byte digit in rest[2..6])
        {
            if (!char.IsAsciiHexDigit((char)digit)) return -1;
        }

        return 6;
    }
}
