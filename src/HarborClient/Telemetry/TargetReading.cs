namespace HarborClient.Telemetry;

/// <summary>How one target of one client is doing, for its gauges.</summary>
/// <param name="Tags">What names it.</param>
/// <param name="BreakerState">0 closed, 1 open, 2 half-open.</param>
/// <param name="Load">Null for a breaker that an alias has for itself: all else is in the row of the target.</param>
internal readonly record struct TargetReading(TargetTags Tags, int BreakerState, TargetLoad? Load);

/// <summary>What tells targets apart.</summary>
internal readonly record struct TargetTags(string System, string Model, string Address, int Port, string? Alias);

/// <summary>What is going on there.</summary>
internal readonly record struct TargetLoad(int InFlight, int MaximumInFlight, int Queued, int? Batch);
