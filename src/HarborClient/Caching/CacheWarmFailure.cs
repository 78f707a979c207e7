namespace HarborClient;

/// <summary>A request of a warm-up that failed. Immutable.</summary>
/// <param name="Request">Which.</param>
/// <param name="Error">Why.</param>
public sealed record CacheWarmFailure(CacheRequest Request, Exception Error);
