namespace HarborClient.Providers.Claude;

/// <summary>What a model's id says of it. An id without a version is taken for a newer model than those known here.</summary>
internal readonly struct ClaudeModel
{
    private const int Newest = int.MaxValue;

    // The latest that was read: a program that asks one model has its id read once. Replaced as a whole.
    private static Known? _latest;

    private readonly int _version;
    private readonly bool _isOpus;

    private ClaudeModel(int version, bool isOpus)
    {
        _version = version;
        _isOpus = isOpus;
    }

    /// <summary>Whether it can think at all: since 3.7.</summary>
    internal bool Thinks => _version >= 307;

    /// <summary>Whether it decides by itself how much to think, guided by an effort: since 4.6. Those before take a budget of tokens.</summary>
    internal bool ThinksAdaptively => _version >= 406;

    /// <summary>The effort above high: <c>xhigh</c> since 4.7, <c>max</c> before.</summary>
    internal string HighestEffort => _version >= 407 ? "xhigh" : "max";

    /// <summary>
    /// Output tokens where the call sets no maximum. Claude 3 takes 4,096 at most, 3.5 takes 8,192. All others take 32,000 and more: half of that leaves
    /// room for long answers, and a plain call of that length still ends before connections are cut.
    /// </summary>
    internal int DefaultMaxTokens => _version < 305 ? 4096 : _version < 307 ? 8192 : 16_000;

    /// <summary>
    /// From how many output tokens on a plain answer may take longer than the ten minutes after which networks drop idle connections. Anthropic's own
    /// clients reckon an hour for 128,000 tokens, and allow Opus 4 and 4.1 no more than 8,192.
    /// </summary>
    internal int MaxPlainTokens => _isOpus && _version is 400 or 401 ? 8192 : 128_000 / 6;

    /// <summary>Reads <c>claude-3-7-sonnet-20250219</c>, <c>claude-opus-4-5</c>, <c>anthropic/claude-haiku-4.5</c> and the like.</summary>
    internal static ClaudeModel Of(string model)
    {
        if (_latest is { } latest && ReferenceEquals(latest.Id, model)) return latest.Model;
        var known = new Known(model, Read(model));
        _latest = known;
        return known.Model;
    }

    private static ClaudeModel Read(string model)
    {
        const string Family = "claude";
        int start = model.IndexOf(Family, StringComparison.OrdinalIgnoreCase);
        if (start < 0) return new ClaudeModel(Newest, false);
        ReadOnlySpan<char> rest = model.AsSpan(start + Family.Length);
        bool isOpus = rest.Contains("opus", StringComparison.OrdinalIgnoreCase);
        int major = -1;
        foreach (Range part in rest.SplitAny("-.@:_/"))
        {
            // Longer numbers are dates.
            ReadOnlySpan<char> word = rest[part];
            bool isNumber = word.Length is 1 or 2 && int.TryParse(word, System.Globalization.NumberStyles.None, null, out _);
            if (major >= 0) return new ClaudeModel((major * 100) + (isNumber ? int.Parse(word, null) : 0), isOpus);
            if (isNumber) major = int.Parse(word, null);
        }

        return new ClaudeModel(major < 0 ? Newest : major * 100, isOpus);
    }

    private sealed record Known(string Id, ClaudeModel Model);
}
