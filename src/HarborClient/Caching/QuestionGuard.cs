using System.Text;

namespace HarborClient.Caching;

/// <summary>
/// What must be the same in two questions that share an answer, however near their embeddings are: numbers, units, negations, quotations and symbols exactly; names; the order of the words
/// that both have, since who does what to whom is all in the order; and no words that do not go together (<see cref="GuardWords"/>). Holds hashes only. Immutable.
/// </summary>
internal sealed class QuestionGuard
{
    private readonly CacheKey _counted;
    private readonly UInt128 _parts;

    // Hashes that hold in this process only.
    private readonly int[] _names;
    private readonly int[] _words;

    private QuestionGuard(CacheKey counted, UInt128 parts, int[] names, int[] words) => (_counted, _parts, _names, _words) = (counted, parts, names, words);

    /// <summary>What it is reckoned at, in bytes of memory.</summary>
    internal int Bytes => 120 + (sizeof(int) * (_names.Length + _words.Length));

    internal static QuestionGuard Of(string question)
    {
        var counted = new List<string>();
        var names = new HashSet<int>();
        var words = new List<int>();
        UInt128 parts = 0;
        QuestionWords.AddQuotations(question, counted);
        QuestionWords.AddSymbols(question, counted);
        foreach (QuestionWord word in QuestionWords.Of(question))
        {
            if (word.HasDigit) counted.Add(word.Lower);
            else if (GuardWords.CountedAs(word.Lower) is { } name) counted.Add(name);
            parts |= GuardWords.PartsOf(word.Lower);
            if (word.IsName) names.Add(HashOf(word.Lower));
            if (word.IsName || !GuardWords.IsCommon(word.Lower)) words.Add(HashOf(word.Lower));
        }

        if (question.AsSpan().ContainsAnyInRange('\u3040', '\u9FFF'))
        {
            GuardWords.CountTerms(question, counted);
            parts |= GuardWords.PartsOfTerms(question);
        }

        counted.Sort(StringComparer.Ordinal);
        return new QuestionGuard(KeyHash.Of(Encoding.UTF8.GetBytes(string.Join('\0', counted))), parts, [.. names], [.. words]);
    }

    /// <summary>Whether nothing says that the questions differ.</summary>
    internal bool Agrees(QuestionGuard other) =>
        _counted == other._counted && HasNamesOf(other) && other.HasNamesOf(this) && !GuardWords.AreOpposed(_parts, other._parts) && HasOrderOf(other);

    /// <summary>Who writes everything small has no names, and is asked for the words.</summary>
    private bool HasNamesOf(QuestionGuard other)
    {
        foreach (int name in other._names)
            if (!_names.Contains(name) && !_words.Contains(name)) return false;
        return true;
    }

    /// <summary>Whether the words that each of them has once come in the same order.</summary>
    private bool HasOrderOf(QuestionGuard other)
    {
        int last = -1;
        for (int i = 0; i < _words.Length; i++)
        {
            int at = Array.IndexOf(other._words, _words[i]);
            if (at < 0 || Array.LastIndexOf(other._words, _words[i]) != at || Array.LastIndexOf(_words, _words[i]) != i || Array.IndexOf(_words, _words[i]) != i) continue;
            if (at < last) return false;
            last = at;
        }

        return true;
    }

    private static int HashOf(string word) => word.GetHashCode(StringComparison.Ordinal);
}
