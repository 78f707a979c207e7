namespace HarborClient;

/// <summary>Where an answer came from.</summary>
public enum CacheLevel
{
    /// <summary>From the provider.</summary>
    None,

    /// <summary>From this process's memory.</summary>
    Memory,

    /// <summary>From a cache that processes share.</summary>
    Distributed,

    /// <summary>From a durable store.</summary>
    Durable,
}
