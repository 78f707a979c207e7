namespace HarborClient.Routing;

/// <summary>A target that is asked besides, by its share of an alias's calls. Immutable.</summary>
internal sealed record ShadowTarget(Target Target, double Share)
{
    // Another lot than the same target's as a variant that answers: whose calls the one gets need not be whose the other gets.
    private readonly ulong _lot = StableHash.Of("shadow " + Target.Name);

    /// <summary>Whether a call is one of its share.</summary>
    /// <param name="key">Whose call it is, where that decides; null draws.</param>
    /// <param name="random">Draws from 0 to below 1.</param>
    internal bool IsDrawn(string? key, Func<double> random) =>
        Share >= 1 || (Share > 0 && (string.IsNullOrEmpty(key) ? random() : StableHash.Between(StableHash.Of(key), _lot)) < Share);
}
