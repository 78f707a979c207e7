using HarborClient.Benchmarks.Measuring;

namespace HarborClient.Benchmarks.Judging;

/// <summary>Holds what was measured against promises: one line each, and at the end the exit code.</summary>
/// <param name="print">Where the lines go.</param>
/// <param name="isLenient">For a machine that does other things at the same time.</param>
internal sealed class Judge(Action<string> print, bool isLenient = false)
{
    private readonly int[] _counts = new int[Enum.GetValues<Verdict>().Length];

    /// <summary>Judges one figure.</summary>
    internal void Hold(Promise promise, double figure) => Print(promise, figure, "");

    /// <summary>Judges the median of all rounds; beside it the lowest and the highest median of a single pass.</summary>
    internal void Hold(Promise promise, IReadOnlyList<Samples> passes)
    {
        double[] medians = [.. passes.Select(pass => pass.Median).Order()];
        Print(promise, Samples.Of(passes).Median, passes.Count > 1 ? $" [{promise.Show(medians[0])} .. {promise.Show(medians[^1])}]" : "");
    }

    /// <summary>Counts the verdicts.</summary>
    /// <returns>The exit code: 1 when a promise is broken.</returns>
    internal int Conclude()
    {
        print($"{_counts[(int)Verdict.Kept]} kept, {_counts[(int)Verdict.Unclear]} unclear, {_counts[(int)Verdict.Broken]} broken.");
        return _counts[(int)Verdict.Broken] > 0 ? 1 : 0;
    }

    private void Print(Promise promise, double figure, string range)
    {
        Verdict verdict = promise.Judge(figure, isLenient);
        _counts[(int)verdict]++;
        string why = isLenient && verdict == Verdict.Unclear && promise.Tolerance.IsOfMachine ? $"; not judged here: {promise.Tolerance.Reason}" : "";
        print($"{Label(verdict)} {promise.Text}: {promise.Show(figure)}{range} ({(promise.AtLeast ? "≥" : "≤")} {promise.Show(promise.Bar)}){why}");
    }

    private static string Label(Verdict verdict) => verdict switch
    {
        Verdict.Kept => "kept     ",
        Verdict.Unclear => "UNCLEAR  ",
        _ => "BROKEN   ",
    };
}
