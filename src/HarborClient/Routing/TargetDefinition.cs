namespace HarborClient.Routing;

/// <summary>A target of an alias as it was written down.</summary>
/// <param name="Name">A model's name, not yet looked up.</param>
/// <param name="Weight">Its part of the calls beside the other targets; for a canary, its share of all calls.</param>
/// <param name="Region">Where it is.</param>
/// <param name="IsCanary">Whether it is on trial: it is asked first by its share of the calls, and else only where nobody else answers.</param>
internal sealed record TargetDefinition(string Name, double Weight = 1, string? Region = null, bool IsCanary = false);
