using System.Globalization;

namespace HarborClient.Benchmarks.Judging;

/// <summary>One promise of the design, as a number that must not be exceeded (or fallen below).</summary>
/// <param name="Text">What is promised, as it is printed.</param>
/// <param name="Bar">The number.</param>
/// <param name="Tolerance">How far beyond the bar a figure is before the promise counts as broken.</param>
/// <param name="Unit">x for ratios, B for bytes, and what the few that are times or counts in the design are measured in.</param>
/// <param name="AtLeast">Whether the bar is a floor.</param>
/// <param name="Reached">What is known to be reached where the bar is not. The bar stays what is kept or broken; a lenient judge, as in CI, fails only what is worse than this.</param>
internal sealed record Promise(string Text, double Bar, Tolerance Tolerance, string Unit, bool AtLeast = false, double? Reached = null)
{
    /// <summary>Judges a figure. One that is no number was not measured, and what was not measured is not kept.</summary>
    /// <param name="figure">What was measured.</param>
    /// <param name="isLenient">For a machine that does other things at the same time.</param>
    internal Verdict Judge(double figure, bool isLenient)
    {
        if (AtLeast ? figure >= Bar : figure <= Bar) return Verdict.Kept;
        double bar = isLenient ? Reached ?? Bar : Bar;
        double excess = AtLeast ? bar / figure : figure / bar;
        return excess <= (isLenient ? Tolerance.Lenient : Tolerance.Factor) ? Verdict.Unclear : Verdict.Broken;
    }

    internal string Show(double value) => double.IsNaN(value) ? "not measured" : Unit switch
    {
        "x" => value.ToString(Bar is > 0.99 and < 1.02 ? "F4" : "F2", CultureInfo.InvariantCulture) + "x",
        "ms" => value.ToString("F2", CultureInfo.InvariantCulture) + " ms",
        "µs" => value.ToString("F2", CultureInfo.InvariantCulture) + " µs",
        "%" => value.ToString("F2", CultureInfo.InvariantCulture) + " %",
        _ => $"{value.ToString("N0", CultureInfo.InvariantCulture)} {Unit}".TrimEnd(),
    };
}
