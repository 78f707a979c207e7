using System.Globalization;
using System.Runtime.InteropServices;
using HarborClient.Tests.Architecture;
using static HarborClient.Tests.Limits.Scenarios;

namespace HarborClient.Tests.Limits;

// docs/limits.md is what the simulation says, not what somebody remembers. After a change that is meant:
//     HARBOR_APPROVE=1 dotnet test tests/HarborClient.Tests --filter LimitTableTests
public sealed class LimitTableTests
{
    private const string File = "docs/limits.md";

    private const string Head = """
        # How many requests at once, and how fast

        Generated from the code by `LimitTableTests`: the limiter of the library in front of a simulated host, in virtual time. Every figure is the worst of ten seeds.

        As many requests as are let out; answers of 250 tokens (median, log-normal), 15 ms a token, a first token after 0.25 s and 0.15 ms for each token of the prompt.
        The host takes 40 requests at once, 20 from 300 s on and 80 from 600 s on. A refusal comes back within 50 to 150 ms.

        - **limiter**: what Balanced and Full do by default.
        - **fixed 50**: fifty at once. A refused request keeps its place while it backs off for 1 to 8 s, as a retry inside a limiter does.
        - **±10**: from 50; after every 100 calls ten more below 1 % of errors, ten fewer above 5 %, between 10 and 200. Refused requests keep their place.
        - **oracle**: knows the host.

        "Settled" is the time until the limit is within 15 % of what the host takes and stays there for 20 s.
        """;

    private static readonly (string Scheme, string Title)[] Schemes = [("limiter", "limiter"), ("fixed", "fixed 50"), ("naive", "±10"), ("oracle", "oracle")];

    [Fact]
    public void The_table_in_the_documentation_is_what_the_simulation_says()
    {
        string table = Table();
        string path = Path.Combine(Repository.Root, File);
        if (Environment.GetEnvironmentVariable("HARBOR_APPROVE") == "1") System.IO.File.WriteAllText(path, table);

        // Logarithms differ in their last digit from one platform to the next, and a simulation makes much of it. The thresholds of ScenarioTests hold everywhere.
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64) return;
        System.IO.File.ReadAllText(path).ReplaceLineEndings("\n").Should().Be(table, "{0} is generated: run this test with HARBOR_APPROVE=1", File);
    }

    private static string Table()
    {
        List<string> lines = [.. Head.ReplaceLineEndings("\n").Split('\n')];
        Add(lines, "S1: a host that refuses what is too much",
            ["", "settled at 40 / 20 / 80, s", "refused 60-300 s, %", "30 s after halving, %", "330-600 s, %", "600-900 s, %", "answers a second"],
            Schemes.Select(scheme => (scheme.Title, Cap(scheme.Scheme))).Select(row => new[] { row.Title, Settled(row.Item2), Refused(row.Item2, 60, 300), Refused(row.Item2, 300, 330), Refused(row.Item2, 330, 600), Refused(row.Item2, 600, 900), Goodput(row.Item2) }));
        lines.Add("");
        lines.Add("A host of 20 slots is asked for more once in 45 s, so that no more than 0.7 % is refused; where it has grown, that is noticed then, and the rise takes ten seconds more. With fifty other seeds the worst of settling at 80 is 61 s.");
        Add(lines, "S2: a host that queues and says nothing",
            ["", "settled at 40 / 20 / 80, s", "95 of 100 first tokens 60-300 s", "360-600 s", "660-900 s", "busy 60-300 s, %", "360-600 s, %", "660-900 s, %", "answers a second"],
            Schemes.Select(scheme => (scheme.Title, Queue(scheme.Scheme))).Select(row => new[] { row.Title, Settled(row.Item2), First(row.Item2, 60, 300), First(row.Item2, 360, 600), First(row.Item2, 660, 900), Busy(row.Item2, 60, 300), Busy(row.Item2, 360, 600), Busy(row.Item2, 660, 900), Goodput(row.Item2) }));
        Add(lines, "S3: 600 requests and 300,000 tokens a minute, half of both from 450 s on; headers and Retry-After",
            ["", "refused 0-450 s, %", "450-900 s, %", "of the quota 0-450 s, %", "450-900 s, %"],
            Schemes.Take(3).Select(scheme => (scheme.Title, Rate(scheme.Scheme))).Select(row => new[] { row.Title, Refused(row.Item2, 0, 450), Refused(row.Item2, 450, 900), Quota(row.Item2, 0, 450, TokensPerMinute), Quota(row.Item2, 450, 900, TokensPerMinute / 2) }));
        Add(lines, "S4: four processes at a host that takes 40, the third from 120 s on, the fourth from 240 s on",
            ["", "Jain's index 300-900 s", "refused 60-900 s, %", "300-900 s, %", "busy 300-900 s, %"],
            new[] { true, false }.Select(exchange => (exchange ? "limits exchanged every 2 s" : "each for itself", FourInstances(exchange)))
                .Select(row => new[] { row.Item1, Text(row.Item2.Min(run => run.Fairness(4, 300, 900)), "0.000"), Refused(row.Item2, 60, 900), Refused(row.Item2, 300, 900), Busy(row.Item2, 300, 900) }));
        Add(lines, "S5 to S7",
            ["", "refused 60-900 s, %", "busy, %", ""],
            [
                ["S5: requests arrive at 60 % of what the host can do", Refused(OpenLoop(), 60, 900), Busy(OpenLoop(), 60, 900), $"95 of 100 wait no longer than {Text(1000 * OpenLoop().Max(run => run.WaitP95()), "0.0")} ms"],
                .. new[] { 3, 10, 150 }.Select(capacity => new[] { $"S6: the host takes {capacity}", Refused(OtherCaps(capacity), 60, 900), Busy(OtherCaps(capacity), 60, 900), "" }),
                ["S7: the host takes 100 and fails 1 %", Refused(RandomFailures(), 60, 900), Busy(RandomFailures(), 60, 900), $"lowest limit {Text(RandomFailures().Min(run => run.LowestLimit(60, 900)), "0")}"],
            ]);
        return string.Join('\n', lines) + "\n";
    }

    private static void Add(List<string> lines, string title, string[] columns, IEnumerable<string[]> rows)
    {
        lines.AddRange(["", "## " + title, "", Row(columns), Row(columns.Select(_ => "---"))]);
        lines.AddRange(rows.Select(Row));
    }

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static string Settled(SimulationRecord[] runs) => string.Join(" / ", new[] { (0.0, 40.0, 300.0), (300, 20, 600), (600, 80, 900) }
        .Select(phase => runs.Max(run => run.SettledAfter(phase.Item1, phase.Item2, phase.Item3))).Select(seconds => double.IsInfinity(seconds) ? "never" : Text(seconds, "0")));

    private static string Refused(SimulationRecord[] runs, double from, double to) => Text(runs.Max(run => run.RefusedPercent(from, to)), "0.00");

    private static string First(SimulationRecord[] runs, double from, double to) => Text(runs.Max(run => run.FirstUpdateP95(from, to)), "0.0") + " s";

    private static string Busy(SimulationRecord[] runs, double from, double to) => Text(100 * runs.Min(run => run.Utilisation(from, to)), "0.0");

    private static string Quota(SimulationRecord[] runs, double from, double to, long perMinute) => Text(100 * runs.Min(run => ScenarioTests.QuotaUsed(run, from, to, perMinute)), "0.0");

    private static string Goodput(SimulationRecord[] runs) => Text(runs.Min(run => run.PerSecond(0, Duration)), "0.00");

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
