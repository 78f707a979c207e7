namespace HarborClient.Benchmarks.Gate;

/// <summary>What a run says about a promise.</summary>
internal enum Verdict
{
    /// <summary>Every pass was at the bar or better.</summary>
    Kept,

    /// <summary>The passes disagree, or some lie between the bar and its tolerance: this run decides nothing. Not kept, and the gate does not fail.</summary>
    Unclear,

    /// <summary>Every pass was worse than bar and tolerance: the gate fails.</summary>
    Broken,
}
