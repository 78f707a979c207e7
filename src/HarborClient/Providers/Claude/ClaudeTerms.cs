namespace HarborClient.Providers.Claude;

/// <summary>What a request is paid for beside its tokens, and what changes their price: made for answers that have any of it. One per answer.</summary>
internal sealed class ClaudeTerms
{
    /// <summary>A tier or a region is a word; a host decides how long its texts are.</summary>
    internal const int MaxCharacters = 64;

    private readonly List<KeyValuePair<string, string>> _words = [];
    private int _told;

    /// <summary>Requests of server tools, by tool.</summary>
    internal Dictionary<string, long>? Requests { get; set; }

    /// <summary>A stream says the same word twice; the first counts.</summary>
    internal void Set(string name, string word)
    {
        if (!_words.Exists(known => known.Key == name)) _words.Add(new(name, word));
    }

    /// <summary>Says each word once, under Claude's own name for it: <c>service_tier</c>, <c>inference_geo</c>, <c>speed</c>.</summary>
    /// <returns>Whether there was any.</returns>
    internal bool Describe(UpdateBatch batch)
    {
        int before = _told;
        for (; _told < _words.Count; _told++) batch.Describe(_words[_told].Key, _words[_told].Value);
        return _told > before;
    }
}
