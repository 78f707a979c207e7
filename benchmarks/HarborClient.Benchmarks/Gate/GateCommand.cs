using System.Globalization;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Gate;

/// <summary>One line per promise; the exit code is 1 when one is broken. A promise that was missed by no more than its tolerance is said to be missed, and does not fail the gate.</summary>
internal static class GateCommand
{
    internal static async Task<int> RunAsync()
    {
        Console.WriteLine($"{Machine.Describe()}; {Machine.DescribeLoad()}.");
        using UpstreamProcess upstream = await UpstreamProcess.StartAsync();
        Measurements measured = await Measurements.TakeAsync(upstream);
        var verdicts = new Dictionary<Verdict, int> { [Verdict.Kept] = 0, [Verdict.WithinTolerance] = 0, [Verdict.Broken] = 0 };
        foreach (Promise promise in Promises.All())
        {
            double value = promise.Measure(measured);
            Verdict verdict = promise.Judge(value);
            verdicts[verdict]++;
            string sign = promise.AtLeast ? "≥" : "≤";
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Label(verdict)} {promise.Text}: {Show(value, promise.Unit)} ({sign} {Show(promise.Bar, promise.Unit)}, tolerance {promise.Tolerance.Factor:F2})"));
        }

        int notYet = 0;
        foreach (string promise in Promises.NotYet())
        {
            Console.WriteLine($"not yet   {promise}");
            notYet++;
        }

        foreach (string promise in Promises.Elsewhere()) Console.WriteLine($"elsewhere {promise}");
        Console.WriteLine($"{verdicts[Verdict.Kept]} kept, {verdicts[Verdict.WithinTolerance]} missed within tolerance, {verdicts[Verdict.Broken]} broken, {notYet} not yet.");
        return verdicts[Verdict.Broken] > 0 ? 1 : 0;
    }

    private static string Label(Verdict verdict) => verdict switch
    {
        Verdict.Kept => "kept     ",
        Verdict.WithinTolerance => "MISSED   ",
        _ => "BROKEN   ",
    };

    private static string Show(double value, string unit) => unit switch
    {
        "x" => value.ToString("F2", CultureInfo.InvariantCulture) + "x",
        "B" => value.ToString("N0", CultureInfo.InvariantCulture) + " B",
        "ms" => value.ToString("F2", CultureInfo.InvariantCulture) + " ms",
        _ => value.ToString("N0", CultureInfo.InvariantCulture) + unit,
    };
}
