namespace HarborClient;

/// <summary>What a target is for an alias.</summary>
public enum VariantRole
{
    /// <summary>It answers calls (<see cref="ModelMapBuilder.Target"/>).</summary>
    Stable,

    /// <summary>It is on trial and answers its share of the calls (<see cref="ModelMapBuilder.Canary"/>).</summary>
    Canary,

    /// <summary>It is asked besides, and its answers are dropped (<see cref="ModelMapBuilder.Shadow"/>).</summary>
    Shadow,
}
