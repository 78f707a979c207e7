using System.Text;

namespace HarborClient.Edge;

// Hot path: once per piece of a stream.

/// <summary>
/// Pieces of streamed answers as strings. Models say the same short words again and again, so each thread remembers some hundred of them: a piece that is remembered allocates nothing, and
/// costs less than a new string.
/// </summary>
internal static class PieceText
{
    /// <summary>A power of two. At most 16 KB a thread.</summary>
    private const int Remembered = 256;

    /// <summary>Longer ones seldom come twice, and may be somebody's words.</summary>
    private const int LongestBytes = 12;

    [ThreadStatic]
    private static string?[]? _remembered;

    internal static string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > LongestBytes) return Encoding.UTF8.GetString(utf8);
        string?[] remembered = _remembered ??= new string?[Remembered];
        uint hash = 2166136261;
        foreach (byte one in utf8) hash = (hash ^ one) * 16777619;
        ref string? place = ref remembered[(hash ^ (hash >> 16)) & (Remembered - 1)];

        // Only ASCII is equal to itself byte by character; all else is made anew.
        if (place is { } known && Ascii.Equals(utf8, known)) return known;
        string made = Encoding.UTF8.GetString(utf8);
        place = made;
        return made;
    }
}
