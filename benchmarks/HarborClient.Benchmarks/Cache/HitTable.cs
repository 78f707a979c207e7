using System.Globalization;
using HarborClient.Benchmarks.Measuring;

namespace HarborClient.Benchmarks.Cache;

/// <summary>What a race of hits showed, next to its first row.</summary>
internal static class HitTable
{
    internal static void Print(Report report, Race race, BelowClient? client = null)
    {
        report.Line();
        report.Header([race.Title, "wall/call µs", "ratio", "CPU/call µs", "ratio", "bytes/call"]);
        foreach (Contestant contestant in race.Contestants)
        {
            report.Row([
                contestant.Name,
                contestant.Wall.Show(),
                Ratio(contestant.Wall.RatioTo(race.Bare.Wall)),
                contestant.Processor.Show(),
                Ratio(contestant.Processor.RatioTo(race.Bare.Processor)),
                contestant.Bytes.Median.ToString("N0", CultureInfo.InvariantCulture),
            ]);
        }

        if (client is { Missed: > 0 })
        {
            report.Line();
            report.Line(string.Create(CultureInfo.InvariantCulture, $"{client.Missed:F2} % of the client's calls were no hits, because a read took longer than its budget{(client.IsMeasured ? "" : ": NOT MEASURED")}."));
        }
    }

    private static string Ratio(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:F2}x");
}
