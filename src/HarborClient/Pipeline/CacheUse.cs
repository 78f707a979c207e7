using HarborClient.Caching;

namespace HarborClient.Pipeline;

/// <summary>What the cache stage knows of a call that it did not find: under what its answer is kept, if its first target gives it. Immutable.</summary>
/// <param name="Key">The key of the request as it would be sent to that target, in this process's memory.</param>
/// <param name="Target">The target.</param>
/// <param name="Name">The key in the levels below; null where they are not asked.</param>
internal record CacheUse(CacheKey Key, Target Target, string? Name)
{
    /// <summary>When the answer was asked for.</summary>
    internal AskedAt Asked { get; init; }
}
