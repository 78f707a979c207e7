using System.Globalization;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Gate;

/// <summary>One line per promise; the exit code is 1 when one is broken. What the passes do not agree on is said to be unclear: it is not kept, and does not fail the gate.</summary>
internal static class GateCommand
{
    /// <summary>Passes with clients and upstream made anew. Rounds within one pass agree to 2 % where two passes differ by half, so only passes show what a figure is worth.</summary>
    private const int Passes = 3;

    internal static async Task<int> RunAsync()
    {
        Console.WriteLine($"{Machine.Describe()}; {Machine.DescribeLoad()}.");
        var passes = new List<Measurements>();
        for (int pass = 0; pass < Passes; pass++)
        {
            using UpstreamProcess upstream = await UpstreamProcess.StartAsync();
            passes.Add(await Measurements.TakeAsync(upstream, passes.LastOrDefault()));
        }

        Console.WriteLine($"{Passes} passes; of each figure the median and the range over the passes. {Machine.DescribeLoad("after")}.");
        var verdicts = Enum.GetValues<Verdict>().ToDictionary(verdict => verdict, _ => 0);
        foreach (Promise promise in Promises.All())
        {
            double[] values = [.. passes.Select(promise.Measure).Order()];
            Verdict verdict = promise.Judge(values);
            verdicts[verdict]++;
            string sign = promise.AtLeast ? "≥" : "≤";
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Label(verdict)} {promise.Text}: {Show(values[values.Length / 2], promise.Unit)} [{Show(values[0], promise.Unit)} .. {Show(values[^1], promise.Unit)}] ({sign} {Show(promise.Bar, promise.Unit)}, tolerance {promise.Tolerance.Factor:F2})"));
        }

        int notYet = 0;
        foreach (string promise in Promises.NotYet())
        {
            Console.WriteLine($"not yet   {promise}");
            notYet++;
        }

        foreach (string promise in Promises.Elsewhere()) Console.WriteLine($"elsewhere {promise}");
        Console.WriteLine($"{verdicts[Verdict.Kept]} kept, {verdicts[Verdict.Unclear]} unclear, {verdicts[Verdict.Broken]} broken, {notYet} not yet.");
        return verdicts[Verdict.Broken] > 0 ? 1 : 0;
    }

    private static string Label(Verdict verdict) => verdict switch
    {
        Verdict.Kept => "kept     ",
        Verdict.Unclear => "UNCLEAR  ",
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
