namespace HarborClient;

/// <summary>How one call uses the response cache. In Fast, which has none, only <see cref="Only"/> has an effect: it is refused.</summary>
public enum CachePolicy
{
    /// <summary>The default: deterministic requests (temperature 0 or a seed) are looked up and stored.</summary>
    Auto,

    /// <summary>Looked up and stored whatever the sampling settings are.</summary>
    Always,

    /// <summary>Neither looked up nor stored.</summary>
    Bypass,

    /// <summary>Not looked up, but stored: the answer replaces what was there.</summary>
    Refresh,

    /// <summary>Answered from the cache or refused; nothing is sent.</summary>
    Only,
}
