namespace HarborClient;

/// <summary>How far a warm-up has come.</summary>
/// <param name="Done">Requests whose answers and values are kept.</param>
/// <param name="Failed">Requests that failed.</param>
/// <param name="Total">All of them.</param>
public readonly record struct CacheWarmProgress(int Done, int Failed, int Total);
