namespace HarborClient;

/// <summary>What a warm-up has done. Immutable.</summary>
/// <param name="Done">Requests whose answers and values are kept now; some may have been before.</param>
/// <param name="Failures">Those that failed, in the order in which they did.</param>
public sealed record CacheWarmResult(int Done, IReadOnlyList<CacheWarmFailure> Failures);
