using System.Globalization;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Gate;

/// <summary>One line per promise; the exit code is 1 when one is broken.</summary>
internal static class GateCommand
{
    internal static async Task<int> RunAsync()
    {
        Console.WriteLine($"{Machine.Describe()}; {Machine.DescribeLoad()}.");
        using UpstreamProcess upstream = await UpstreamProcess.StartAsync();
        Measurements measured = await Measurements.TakeAsync(upstream);
        int broken = 0, kept = 0;
        foreach (Promise promise in Promises.All())
        {
            double value = promise.Measure(measured);
            bool isKept = promise.IsKept(value);
            if (isKept) kept++;
            else broken++;
            string sign = promise.AtLeast ? "≥" : "≤";
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{(isKept ? "kept  " : "BROKEN")}  {promise.Text}: {Show(value, promise.Unit)} ({sign} {Show(promise.Bar, promise.Unit)}, tolerance {promise.Tolerance.Factor:F2})"));
        }

        int notYet = 0;
        foreach (string promise in Promises.NotYet())
        {
            Console.WriteLine($"not yet {promise}");
            notYet++;
        }

        foreach (string promise in Promises.Elsewhere()) Console.WriteLine($"not here {promise}");
        Console.WriteLine($"{kept} kept, {broken} broken, {notYet} not yet.");
        return broken > 0 ? 1 : 0;
    }

    private static string Show(double value, string unit) => unit switch
    {
        "x" => value.ToString("F2", CultureInfo.InvariantCulture) + "x",
        "B" => value.ToString("N0", CultureInfo.InvariantCulture) + " B",
        "ms" => value.ToString("F2", CultureInfo.InvariantCulture) + " ms",
        _ => value.ToString("N0", CultureInfo.InvariantCulture) + unit,
    };
}
