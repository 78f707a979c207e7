using System.Diagnostics;
using HarborClient.Testing;
using HarborClient.Tests.Robustness;
using Xunit.Abstractions;

namespace HarborClient.Tests.Faults;

// Availability as a figure: calls by the million through the whole client, over two hosts that fail each for itself.
[Collection(RobustnessCollection.Name)]
public sealed class AvailabilityTests(ITestOutputHelper output)
{
    // Worlds of their own, so that every core has one: a clock, two hosts and a client each.
    private const int Worlds = 2;

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Of_a_million_calls_over_two_hosts_that_are_down_one_percent_of_the_time_99_99_percent_succeed_within_30_s()
    {
        Availability seen = await PlayAsync(calls: 1_000_000, downShare: 0.01, faultShare: 0);

        seen.DownSeconds.Should().BeGreaterThan(0, "there are seconds in which both hosts are down");
        seen.Succeeded.Should().BeGreaterThanOrEqualTo((int)(seen.Calls * 0.9999), "{0}", seen);
    }

    [Fact]
    public async Task Of_a_million_calls_of_which_five_percent_meet_a_fault_less_than_one_in_a_thousand_fails()
    {
        Availability seen = await PlayAsync(calls: 1_000_000, downShare: 0.01, faultShare: 0.05);

        (seen.Calls - seen.Succeeded).Should().BeLessThan(seen.Calls / 1000, "{0}", seen);
    }

    private async Task<Availability> PlayAsync(int calls, double downShare, double faultShare)
    {
        long begun = Stopwatch.GetTimestamp();
        Availability[] worlds = await Task.WhenAll(Enumerable.Range(1, Worlds).Select(world => Task.Run(() => PlayWorldAsync(calls / Worlds, 1000 * world, downShare, faultShare))));
        Availability sum = worlds.Aggregate((left, right) => left + right);
        string line = $"availability: {sum}, {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s of real time in {Worlds} worlds at a time";
        output.WriteLine(line);
        TestReport.Add(line);
        return sum;
    }

    private static async Task<Availability> PlayWorldAsync(int calls, int seed, double downShare, double faultShare)
    {
        var time = new ManualTimeProvider();
        using var primary = new LeanHost(time, seed + 1, downShare, faultShare);
        using var fallback = new LeanHost(time, seed + 2, downShare, faultShare);
        await using FastClient client = FastClient.Create(builder => builder
            .AddLocal("a", new Uri("http://a.test:8000/v1/"), local => local.UseHandler(primary))
            .AddLocal("b", new Uri("http://b.test:8000/v1/"), local => local.UseHandler(fallback))
            .MapModel("chat", "a/one", "b/two").UseDefaultModel("chat").UseTimeProvider(time).UseClocks(clocks => clocks.TotalTimeout = Within));
        ChatMessage[] question = [new(ChatRole.User, "hi")];
        List<Task<ChatResponse>> pending = [];
        List<string> failures = [];
        int succeeded = 0;
        int downSeconds = 0;
        for (int call = 0; call < calls; call++)
        {
            if (primary.IsDown && fallback.IsDown) downSeconds++;
            Task<ChatResponse> answer = client.GetResponseAsync(question);
            if (answer.IsCompletedSuccessfully) succeeded++;
            else pending.Add(answer);

            // A call that waits may go on on another thread, and time must not run away from it.
            if (pending.Count == 0) time.Advance(Every);
            else await time.AdvanceUntil(Task.Delay(Every, time));
            succeeded += pending.RemoveAll(task => task.IsCompletedSuccessfully);
            pending.RemoveAll(task => IsFailure(task, failures));
        }

        await time.AdvanceUntil(Task.WhenAll(pending), Within);
        succeeded += pending.RemoveAll(task => task.IsCompletedSuccessfully);
        pending.RemoveAll(task => IsFailure(task, failures));
        pending.Should().BeEmpty("nobody returns later than the deadline");
        client.Outstanding().Should().Be(Outstanding.None);
        return new Availability(calls, succeeded, downSeconds, primary.Requests + fallback.Requests, primary.Outages + fallback.Outages, failures);
    }

    // Every failure is one of the library's own; what it was and what was tried is kept for the report.
    private static bool IsFailure(Task<ChatResponse> task, List<string> failures)
    {
        if (!task.IsFaulted || task.Exception.InnerException is not HarborException error) return false;
        failures.Add($"{error.Kind} [{string.Join(' ', error.Attempts.Select(attempt => $"{attempt.Provider}:{attempt.Error}"))}]");
        return true;
    }

    private sealed record Availability(int Calls, int Succeeded, int DownSeconds, int Requests, int Outages, List<string> Failures)
    {
        public static Availability operator +(Availability left, Availability right) =>
            new(left.Calls + right.Calls, left.Succeeded + right.Succeeded, left.DownSeconds + right.DownSeconds,
                left.Requests + right.Requests, left.Outages + right.Outages, [.. left.Failures, .. right.Failures]);

        public override string ToString() =>
            $"{Succeeded} of {Calls} calls succeeded ({100.0 * Succeeded / Calls:0.####} %), {Outages} outages, "
            + $"both hosts down for {DownSeconds} s, {Requests} requests; failures: {Commonest()}";

        private string Commonest() =>
            Failures.Count == 0 ? "none"
                : string.Join(", ", Failures.CountBy(failure => failure).OrderByDescending(pair => pair.Value).Take(5).Select(pair => $"{pair.Value}x {pair.Key}"));
    }
}
