namespace HarborClient.Providers.OpenAICompatible;

/// <summary>A key and its header. Immutable, so that key and header belong together whichever thread keeps it.</summary>
internal sealed class BearerHeader
{
    private readonly string _key;

    private BearerHeader(string key)
    {
        _key = key;
        Value = "Bearer " + key;
    }

    internal string Value { get; }

    /// <summary>The header of a key: the latest one, where that is for the same key. Hot path: one per attempt.</summary>
    internal static BearerHeader Of(string key, BearerHeader? latest) => latest?._key == key ? latest : new BearerHeader(key);
}
