namespace HarborClient;

/// <summary>The place that one call in flight holds among those of its owner.</summary>
/// <param name="Id">Unique among all processes.</param>
/// <param name="Maximum">How many places the owner has.</param>
/// <param name="Lifetime">After this time the place is free again, unless it is renewed: a process that crashed keeps none.</param>
public sealed record LimitSlot(string Id, int Maximum, TimeSpan Lifetime);
