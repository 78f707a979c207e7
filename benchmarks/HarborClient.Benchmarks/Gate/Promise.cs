namespace HarborClient.Benchmarks.Gate;

/// <summary>One promise of the design, as a number that must not be exceeded (or fallen below).</summary>
/// <param name="Text">What is promised, as it is printed.</param>
/// <param name="Bar">The number.</param>
/// <param name="Tolerance">What the bar is multiplied with before the gate fails.</param>
/// <param name="Unit">x for ratios, B for bytes, ms for the few that are times in the design.</param>
/// <param name="Measure">What was measured in this run.</param>
/// <param name="AtLeast">Whether the bar is a floor.</param>
internal sealed record Promise(string Text, double Bar, Tolerance Tolerance, string Unit, Func<Measurements, double> Measure, bool AtLeast = false)
{
    /// <summary>Judges all passes together. A figure that is no number was not measured, and what was not measured is not kept.</summary>
    internal Verdict Judge(IEnumerable<double> passes)
    {
        double[] excess = [.. passes.Select(measured => AtLeast ? Bar / measured : measured / Bar)];
        if (excess.All(one => one <= 1)) return Verdict.Kept;
        return excess.All(one => !(one <= Tolerance.Factor)) ? Verdict.Broken : Verdict.Unclear;
    }
}
