using System.Text;

namespace HarborClient.Sqlite;

/// <summary>The keys with one beginning, as a range: SQLite compares text by its UTF-8 bytes, which is by code points.</summary>
internal static class KeyRange
{
    /// <summary>Greater than any text.</summary>
    private static readonly byte[] AboveAllText = [];

    /// <param name="prefix">How they begin.</param>
    /// <returns>The least of them, and what is greater than all of them: a text, or a blob where no text is.</returns>
    internal static (string From, object To) Of(string prefix)
    {
        // Half a character at the end stands for many: a removal too many costs a call, one too few a wrong answer.
        if (prefix.Length > 0 && char.IsHighSurrogate(prefix[^1])) prefix = prefix[..^1];
        ReadOnlySpan<char> rest = prefix;
        while (!rest.IsEmpty)
        {
            Rune.DecodeLastFromUtf16(rest, out Rune last, out int length);
            rest = rest[..^length];
            if (last.Value < 0x10FFFF) return (prefix, string.Concat(rest, Next(last).ToString()));
        }

        return (prefix, AboveAllText);
    }

    /// <summary>Surrogates are no code points of a text.</summary>
    private static Rune Next(Rune rune) => new(rune.Value == 0xD7FF ? 0xE000 : rune.Value + 1);
}
