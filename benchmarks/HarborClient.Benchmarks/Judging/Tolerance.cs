namespace HarborClient.Benchmarks.Judging;

/// <summary>How far beyond its bar a figure is before its promise counts as broken, and why. Kept is only what is within the bar itself.</summary>
/// <param name="Factor">What the bar is multiplied with; 1 is none.</param>
/// <param name="Lenient">The same on a machine that does other things at the same time.</param>
/// <param name="Reason">Why it is that much.</param>
internal sealed record Tolerance(double Factor, double Lenient, string Reason)
{
    /// <summary>Whether the figure says as much about the machine as about the code: a lenient judge, who does not know the machine, breaks nothing by it.</summary>
    internal bool IsOfMachine { get; private init; }

    internal static readonly Tolerance Bytes = new(1.03, 1.03, "four runs of one line lay between 6,165 and 6,286 B, 2 % apart, whatever else the machine did");
    internal static readonly Tolerance Processor = new(1.05, 1.5, "with a core each for client and upstream four runs lay between 1.19x and 1.24x; a busy machine adds to every call alike and has shown 1.04x");
    internal static readonly Tolerance Throughput = new(1.1, 2, "both processes share both cores, where who runs beside whom is chance: one line has come to 0.78x on a quiet machine and to 0.49x beside other work");
    internal static readonly Tolerance Time = new(2, 4, "single events on a machine that does other things; what was measured lies far below the bars");
    internal static readonly Tolerance Latency = new(1.25, 4, "differences of two runs of some milliseconds: a tenth of the bars is the noise of the bare client against itself on a quiet machine");
    internal static readonly Tolerance Mean = new(1.0005, 1.01, "means over 30 s of a fixed wait: half of the smallest margin that is promised");
    internal static readonly Tolerance Wall = new(1.05, 1.5, "one call at a time, in turns with what it is compared with, a core for each process");
    internal static readonly Tolerance Startup = new(1.05, 1.5, "15 fresh processes each, in turns: two runs lay 0.04x apart");
    internal static readonly Tolerance Speed = new(1.05, double.PositiveInfinity, "an absolute speed is the machine's; the ratios to bare hold what a change may cost") { IsOfMachine = true };
    internal static readonly Tolerance None = new(1, 1, "what is counted, not measured");
}
