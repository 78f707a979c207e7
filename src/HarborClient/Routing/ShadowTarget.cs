namespace HarborClient.Routing;

/// <summary>A target that is asked besides, by its share of an alias's calls.</summary>
internal sealed record ShadowTarget(Target Target, double Share);
