namespace HarborClient.Pipeline;

/// <summary>Where a recipe looks for kept answers.</summary>
internal enum CacheReach
{
    /// <summary>Nowhere: it has no cache.</summary>
    None,

    /// <summary>In this process's memory.</summary>
    Memory,

    /// <summary>In the levels below it too.</summary>
    Below,
}
