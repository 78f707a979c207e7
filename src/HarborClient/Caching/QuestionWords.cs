using System.Globalization;

namespace HarborClient.Caching;

/// <summary>Takes questions apart into what a <see cref="QuestionGuard"/> compares. A Chinese character is a word by itself.</summary>
internal static class QuestionWords
{
    private const string Openings = "\"“„«「『`'‘";
    private const string Closings = "\"”“»」』`'’";

    /// <summary>Beside those that Unicode calls mathematical or of a currency.</summary>
    private const string Symbols = "%‰°#*/^&@\\";

    internal static IEnumerable<QuestionWord> Of(string text)
    {
        bool isStart = true;
        for (int i = 0; i < text.Length;)
        {
            char character = text[i];
            if (GuardWords.IsChinese(character))
            {
                yield return new QuestionWord(character.ToString(), HasDigit: false, IsName: false);
                (i, isStart) = (i + 1, false);
            }
            else if (IsOfWord(character))
            {
                int end = EndOf(text, i);
                bool isNegative = char.IsDigit(character) && i > 0 && text[i - 1] is '-' or '−' && (i == 1 || char.IsWhiteSpace(text[i - 2]));
                yield return WordOf(text.AsSpan(i, end - i), isStart, isNegative);
                (i, isStart) = (end, false);
            }
            else
            {
                if (character is '.' or '!' or '?' or ':' or '\n' or '"' or '“' or '„' or '。' or '！' or '？' or '：') isStart = true;
                i++;
            }
        }
    }

    /// <summary>What stands in quotation marks is meant to the letter.</summary>
    internal static void AddQuotations(string text, List<string> found)
    {
        for (int i = 0; i < text.Length; i++)
        {
            int kind = Openings.IndexOf(text[i]);
            if (kind < 0 || (i > 0 && IsOfWord(text[i - 1]) && !GuardWords.IsChinese(text[i - 1]))) continue;
            int end = text.IndexOf(Closings[kind], i + 1);
            while (end >= 0 && text[end] is '\'' or '’' && end + 1 < text.Length && IsOfWord(text[end + 1])) end = text.IndexOf(text[end], end + 1);
            if (end <= i) continue;
            found.Add("quoted:" + text[(i + 1)..end].Trim());
            i = end;
        }
    }

    internal static void AddSymbols(string text, List<string> found)
    {
        foreach (char character in text)
        {
            if (Symbols.Contains(character) || (character > ' ' && char.GetUnicodeCategory(character) is UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol)) found.Add("symbol:" + character);
        }
    }

    private static QuestionWord WordOf(ReadOnlySpan<char> word, bool isStart, bool isNegative)
    {
        bool hasDigit = word.IndexOfAnyInRange('0', '9') >= 0 || ContainsDigit(word);
        int large = 0;
        int letters = 0;
        foreach (char character in word)
        {
            if (char.IsUpper(character)) large++;
            if (char.IsLetter(character)) letters++;
        }

        string lower = word.ToString().ToLowerInvariant().Replace('’', '\'');
        if (lower.EndsWith("'s", StringComparison.Ordinal)) lower = lower[..^2];
        if (isNegative) lower = "-" + lower;
        bool isShort = large == letters && large > 1;
        bool isName = large > 0 && (isShort || !(GuardWords.IsCommon(lower) || GuardWords.IsCommon(lower.Replace("'", "", StringComparison.Ordinal)) || GuardWords.CountedAs(lower) is not null || (isStart && GuardWords.PartsOf(lower) != 0)));
        return new QuestionWord(lower, hasDigit, isName);
    }

    private static int EndOf(string text, int start)
    {
        int end = start + 1;
        for (; end < text.Length; end++)
        {
            if (IsOfWord(text[end])) continue;
            if (end + 1 >= text.Length || !IsOfWord(text[end + 1])) break;
            bool isBetweenDigits = char.IsDigit(text[end - 1]) && char.IsDigit(text[end + 1]);
            if (text[end] is '\'' or '’' or '.' || (isBetweenDigits && text[end] is ',' or ':')) continue;
            break;
        }

        return end;
    }

    private static bool IsOfWord(char character) => !GuardWords.IsChinese(character) && (char.IsLetterOrDigit(character) || character == '_' || char.IsSurrogate(character) || char.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    private static bool ContainsDigit(ReadOnlySpan<char> word)
    {
        foreach (char character in word)
            if (char.IsNumber(character)) return true;
        return false;
    }
}
