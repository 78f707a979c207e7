using System.Buffers;
using System.Text;

namespace HarborClient.Tokens;

/// <summary>
/// Estimates the tokens of a text without a vocabulary, from what the text is made of. One pass, no allocation, linear whatever the text is.
/// </summary>
internal static class TextTokens
{
    /// <summary>From this length on a run of letters, digits and the signs of base64 is taken for a key, a hash or encoded bytes, if it has digits.</summary>
    private const int CodeRunCharacters = 32;

    /// <summary>Tokens per character of such a run: between base64 and hexadecimal.</summary>
    private const double CodeRunWeight = 0.69;

    /// <summary>Letters of a word that its own weight covers.</summary>
    private const int ShortWordLetters = 6;

    private const int Utf8PieceBytes = 8 << 10;

    private static readonly SearchValues<char> CodeRun = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-");

    internal static double Estimate(ReadOnlySpan<char> text, TokenWeights weights)
    {
        double tokens = 0;
        int position = 0;

        // Where the run of code characters that holds this position ends, so that it is looked at once and not once per word in it.
        int runEnd = 0;
        while (position < text.Length)
        {
            char first = text[position];
            if (first >= 128)
            {
                tokens += WeightOf(first, weights);
                position++;
                continue;
            }

            if (position >= runEnd && CodeRun.Contains(first))
            {
                int length = RunOf(text[position..]);
                runEnd = position + length;
                if (length >= CodeRunCharacters && text.Slice(position, length).ContainsAnyInRange('0', '9'))
                {
                    tokens += length * CodeRunWeight;
                    position = runEnd;
                    continue;
                }
            }

            position = char.IsAsciiLetter(first) ? Word(text, position, weights, ref tokens)
                : char.IsAsciiDigit(first) ? Digits(text, position, weights, ref tokens)
                : first is '\n' or '\r' ? NewLines(text, position, weights, ref tokens)
                : first is ' ' or '\t' ? Spaces(text, position, weights, ref tokens)
                : Punctuation(text, position, weights, ref tokens);
        }

        return tokens;
    }

    /// <summary>The same for UTF-8, in pieces; a piece's end may cut a word in two, which is noise.</summary>
    internal static double EstimateUtf8(ReadOnlySpan<byte> text, TokenWeights weights)
    {
        char[] piece = ArrayPool<char>.Shared.Rent(Utf8PieceBytes);
        try
        {
            double tokens = 0;
            while (text.Length > 0)
            {
                // Never throws: what is no UTF-8 becomes U+FFFD. A piece of n bytes has at most n characters.
                OperationStatus status = System.Text.Unicode.Utf8.ToUtf16(text, piece, out int read, out int written, replaceInvalidSequences: true);
                tokens += Estimate(piece.AsSpan(0, written), weights);
                if (status == OperationStatus.Done || read == 0) break;
                text = text[read..];
            }

            return tokens;
        }
        finally
        {
            // Prompts are not left lying in the pool.
            ArrayPool<char>.Shared.Return(piece, clearArray: true);
        }
    }

    private static int RunOf(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAnyExcept(CodeRun);
        return end < 0 ? text.Length : end;
    }

    private static int Word(ReadOnlySpan<char> text, int start, TokenWeights weights, ref double tokens)
    {
        int end = start + 1;
        while (end < text.Length && char.IsAsciiLetter(text[end]) && !(char.IsAsciiLetterUpper(text[end]) && char.IsAsciiLetterLower(text[end - 1]))) end++;
        tokens += weights.Word + (weights.LongWordLetter * Math.Max(0, end - start - ShortWordLetters));
        return end;
    }

    private static int Digits(ReadOnlySpan<char> text, int start, TokenWeights weights, ref double tokens)
    {
        int end = start + 1;
        while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
        tokens += weights.DigitTriple * ((end - start + 2) / 3);
        return end;
    }

    private static int NewLines(ReadOnlySpan<char> text, int start, TokenWeights weights, ref double tokens)
    {
        int end = start + 1;
        while (end < text.Length && (text[end] is '\n' or '\r')) end++;
        tokens += weights.NewLines;
        return end;
    }

    private static int Spaces(ReadOnlySpan<char> text, int start, TokenWeights weights, ref double tokens)
    {
        int end = start + 1;
        while (end < text.Length && (text[end] is ' ' or '\t')) end++;
        if (end - start > 1) tokens += weights.Indent;
        return end;
    }

    private static int Punctuation(ReadOnlySpan<char> text, int start, TokenWeights weights, ref double tokens)
    {
        int end = start + 1;
        while (end < text.Length && text[end] < 128 && !char.IsAsciiLetterOrDigit(text[end]) && text[end] is not (' ' or '\t' or '\n' or '\r')) end++;
        tokens += weights.Punctuation + (weights.FurtherPunctuation * (end - start - 1));
        return end;
    }

    private static double WeightOf(char c, TokenWeights weights) => c switch
    {
        >= '\u4E00' and <= '\u9FFF' => weights.Han,
        >= '\u3040' and <= '\u30FF' => weights.Kana,
        >= '\uAC00' and <= '\uD7A3' => weights.Hangul,
        >= '\u0400' and <= '\u04FF' => weights.Cyrillic,
        >= '\u0600' and <= '\u06FF' => weights.Arabic,
        _ => weights.Other,
    };
}
