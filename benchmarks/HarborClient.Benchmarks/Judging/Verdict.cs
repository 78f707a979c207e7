namespace HarborClient.Benchmarks.Judging;

/// <summary>What a run says about a promise.</summary>
internal enum Verdict
{
    /// <summary>The figure is within the bar.</summary>
    Kept,

    /// <summary>The figure is beyond the bar, but not beyond its tolerance: not kept, and the command does not fail.</summary>
    Unclear,

    /// <summary>The figure is beyond bar and tolerance, or there is none: the command fails.</summary>
    Broken,
}
