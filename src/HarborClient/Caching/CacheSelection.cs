namespace HarborClient;

/// <summary>Which entries of a cache are meant.</summary>
/// <param name="Kind">What they have in common.</param>
/// <param name="Value">The key, the tag, or the beginning of the key; compared ordinally.</param>
public readonly record struct CacheSelection(CacheSelectionKind Kind, string Value)
{
    /// <summary>Whether an entry is meant.</summary>
    internal bool Means(string key, IReadOnlyList<string> tags) => Kind switch
    {
        CacheSelectionKind.Key => key == Value,
        CacheSelectionKind.Tag => tags.Contains(Value),
        _ => key.StartsWith(Value, StringComparison.Ordinal),
    };
}
