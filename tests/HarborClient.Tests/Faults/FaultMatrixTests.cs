using System.Text.RegularExpressions;
using HarborClient.Tests.Architecture;

namespace HarborClient.Tests.Faults;

// Every fault in every mode, plain and streamed, in virtual time. docs/fault-matrix.md is printed from the same list. After a change that is meant:
//     HARBOR_APPROVE=1 dotnet test tests/HarborClient.Tests --filter FaultMatrixTests
public sealed partial class FaultMatrixTests
{
    private const string File = "docs/fault-matrix.md";

    // What a call may be late by.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(50);

    public static TheoryData<string, PerformanceMode, string> Runs
    {
        get
        {
            var runs = new TheoryData<string, PerformanceMode, string>();
            foreach (FaultCase fault in FaultCases.All)
            {
                foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
                {
                    foreach (FaultWays way in WaysOf(fault)) runs.Add(fault.Name, mode, way.ToString());
                }
            }

            return runs;
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task A_fault_ends_as_the_matrix_says(string name, PerformanceMode mode, string way)
    {
        FaultCase fault = FaultCases.All.Single(candidate => candidate.Name == name);
        FaultExpectation expected = fault.Of(mode, Enum.Parse<FaultWays>(way));
        await using var run = new FaultRun(fault, mode, Enum.Parse<FaultWays>(way));

        await run.PlayAsync();

        string seen = run.ToString();
        Digits().Replace(run.Got, expected.Got.Contains("some", StringComparison.Ordinal) ? "some" : "$0").Should().Be(expected.Got, "what came was {0}", seen);
        ShouldBe(run.AskedA, expected.AskedA, $"a is asked then, and what came was {seen}");
        ShouldBe(run.AskedB, expected.AskedB, $"b is asked then, and what came was {seen}");
        expected.Took.Holds(run.Took).Should().BeTrue("the call ends after {0} s, and what came was {1}", expected.Took, seen);
        run.Took.Should().BeLessThanOrEqualTo(FaultRun.Deadline + Grace);
        run.Told.Should().HaveCount(run.AskedA.Length + run.AskedB.Length, "a call tells of all its attempts, and what came was {0}", seen);
        fault.AlsoCheck?.Invoke(run);
        run.Outstanding.Should().Be(Outstanding.None);
        run.InFlight.Should().Be(0, "no exchange is left open");
        (await run.HealthyCallAsync()).Should().BeOneOf(FaultRun.TextOf("a"), FaultRun.TextOf("b"));
        run.OutstandingNow().Should().Be(Outstanding.None);
    }

    [Fact]
    public void Every_fault_says_what_comes_of_it_in_every_mode_plain_and_streamed()
    {
        foreach (FaultCase fault in FaultCases.All)
        {
            foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
            {
                foreach (FaultWays way in WaysOf(fault)) fault.Invoking(f => f.Of(mode, way)).Should().NotThrow($"'{fault}' has one expectation for {mode}, {way}");
            }
        }

        FaultCases.All.Select(fault => fault.Name).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void The_matrix_in_the_documentation_is_the_one_that_is_tested()
    {
        string path = Path.Combine(Repository.Root, File);
        string table = FaultTable.Print(FaultCases.All);
        if (Environment.GetEnvironmentVariable("HARBOR_APPROVE") == "1") System.IO.File.WriteAllText(path, table);

        System.IO.File.ReadAllText(path).ReplaceLineEndings("\n").Should().Be(table, "{0} is generated: run this test with HARBOR_APPROVE=1", File);
    }

    private static IEnumerable<FaultWays> WaysOf(FaultCase fault)
    {
        yield return FaultWays.Plain;
        yield return FaultWays.Streamed;
        foreach (FaultWays recovering in new[] { FaultWays.Restart, FaultWays.Continue })
        {
            if (fault.Expectations.Any(expectation => expectation.Ways.HasFlag(recovering))) yield return recovering;
        }
    }

    private static void ShouldBe(TimeSpan[] asked, Moment[] expected, string because)
    {
        asked.Should().HaveCount(expected.Length, because);
        for (int i = 0; i < asked.Length; i++) expected[i].Holds(asked[i]).Should().BeTrue(because);
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
