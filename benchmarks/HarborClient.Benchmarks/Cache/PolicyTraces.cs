using System.Globalization;
using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Tests.Caching;

namespace HarborClient.Benchmarks.Cache;

/// <summary>The memory cache's policy alone, on traces of questions that differ in popularity, next to a plain LRU.</summary>
internal static class PolicyTraces
{
    private const int Seeds = 5;

    internal static void Run(Report report, Judge judge)
    {
        report.Line();
        report.Line("## Memory, by its policy alone");
        report.Line();
        report.Line(string.Create(CultureInfo.InvariantCulture, $"{ZipfTrace.Calls:N0} calls, {ZipfTrace.Questions:N0} questions by Zipf's law (s = 1.0), room for {ZipfTrace.Room:N0} answers. Hits in percent of the calls."));
        var worst = double.MaxValue;
        report.Line();
        report.Header(["trace", "memory cache", "plain LRU", "the most popular from the beginning"]);
        for (int seed = 1; seed <= Seeds; seed++)
        {
            int[] calls = ZipfTrace.Make(seed);
            int hits = MemoryTrace.HitsOf(calls, ZipfTrace.Room), ofLru = PlainLru.HitsOf(calls, ZipfTrace.Room);
            worst = Math.Min(worst, (double)hits / ofLru);
            report.Row([$"{seed}", Percent(hits), Percent(ofLru), Percent(ZipfTrace.HitsOfTheForeknowing(calls))]);
        }

        judge.Hold(new Promise("memory cache: hits over those of a plain LRU, the worst trace", 1, Tolerance.None, "x", AtLeast: true), worst);
    }

    private static string Percent(int hits) => string.Create(CultureInfo.InvariantCulture, $"{100.0 * hits / ZipfTrace.Calls:F2}");
}
