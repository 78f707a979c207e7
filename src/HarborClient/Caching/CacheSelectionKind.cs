namespace HarborClient;

/// <summary>By what entries of a cache are chosen.</summary>
public enum CacheSelectionKind
{
    /// <summary>The one with this key.</summary>
    Key,

    /// <summary>All with this tag.</summary>
    Tag,

    /// <summary>All whose key begins like this.</summary>
    Prefix,
}
