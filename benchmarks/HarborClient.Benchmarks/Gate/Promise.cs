namespace HarborClient.Benchmarks.Gate;

/// <summary>One promise of the design, as a number that must not be exceeded (or fallen below).</summary>
/// <param name="Text">What is promised, as it is printed.</param>
/// <param name="Bar">The number.</param>
/// <param name="Tolerance">What the bar is multiplied with before a promise counts as broken.</param>
/// <param name="Unit">x for ratios, B for bytes, ms for the few that are times in the design.</param>
/// <param name="Measure">What was measured in this run.</param>
/// <param name="AtLeast">Whether the bar is a floor.</param>
internal sealed record Promise(string Text, double Bar, Tolerance Tolerance, string Unit, Func<Measurements, double> Measure, bool AtLeast = false)
{
    internal bool IsKept(double measured) => AtLeast ? measured >= Bar / Tolerance.Factor : measured <= Bar * Tolerance.Factor;
}
