namespace HarborClient;

/// <summary>Which entries of a cache are meant.</summary>
/// <param name="Kind">What they have in common.</param>
/// <param name="Value">The key, the tag, or the beginning of the key; compared ordinally.</param>
public readonly record struct CacheSelection(CacheSelectionKind Kind, string Value);
