namespace HarborClient.Benchmarks.Gate;

/// <summary>What a run says about a promise.</summary>
internal enum Verdict
{
    /// <summary>Measured at the bar or better.</summary>
    Kept,

    /// <summary>Measured worse than the bar, by no more than the tolerance: this run neither proves nor breaks it, and the gate does not fail.</summary>
    WithinTolerance,

    /// <summary>Measured worse than bar and tolerance: the gate fails.</summary>
    Broken,
}
