namespace HarborClient.Benchmarks.Gate;

/// <summary>How much a measurement may miss its bar by, and why.</summary>
/// <param name="Factor">1 is none.</param>
/// <param name="Reason">Why it is that much.</param>
internal sealed record Tolerance(double Factor, string Reason)
{
    internal static readonly Tolerance Bytes = new(1.03, "bytes repeat to within 1 %; arrays that a pool had to make anew add a little");
    internal static readonly Tolerance Processor = new(1.15, "processor time of interleaved rounds; two cores that others use too move the median of ratios by up to a tenth");
    internal static readonly Tolerance Throughput = new(1.25, "client and upstream share two cores, so whichever the scheduler favours wins by up to a fifth");
    internal static readonly Tolerance Time = new(2.0, "wall-clock times of single events on a machine that does other things");
    internal static readonly Tolerance Memory = new(1.10, "resident memory depends on when the collector last ran");
}
