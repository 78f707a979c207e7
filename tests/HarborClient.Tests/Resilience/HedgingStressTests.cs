using HarborClient.Testing;

namespace HarborClient.Tests.Resilience;

// Real threads and real time: two attempts that end in every order, and callers that leave in the midst of it.
public sealed class HedgingStressTests
{
    private const int Callers = 24;
    private const int CallsEach = 100;

    [Fact]
    public async Task Races_and_callers_that_leave_at_any_moment_leave_nothing_behind()
    {
        var unobserved = new List<Exception>();
        void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            lock (unobserved) unobserved.Add(e.Exception);
        }

        TaskScheduler.UnobservedTaskException += OnUnobserved;
        ProviderEmulator[] hosts = [Host(1), Host(2)];
        await using FastClient client = TestClients.Chain(
            TimeProvider.System, PerformanceMode.Full, h => h.UseHedging(o => (o.MinimumDelay, o.MaximumExtraAttempts, o.MaximumExtraSpend) = (TimeSpan.FromMilliseconds(10), 0.2, 0.2)), 3, hosts);

        int answered = await new LeavingCallers(client, Callers, CallsEach, (leaving, random) =>
        {
            leaving.CancelAfter(random.Next(0, 25));
            return Task.CompletedTask;
        }).RunAsync(TimeSpan.FromMinutes(2));

        DateTime end = DateTime.UtcNow + TestClients.Guard;
        while (client.Outstanding() != Outstanding.None && DateTime.UtcNow < end) await Task.Yield();
        client.Outstanding().Should().Be(Outstanding.None);
        client.Health.Targets.Should().OnlyContain(target => target.InFlight == 0 && target.Queued == 0);
        answered.Should().BePositive();
        hosts[1].Attempts.Should().NotBeEmpty("calls were hedged");
        TestReport.Add($"hedging under stress: {Callers * CallsEach} calls, {answered} answered, {hosts.Sum(host => host.Attempts.Count)} requests, {client.Health.Targets.Sum(target => target.ExtraAttempts)} extra attempts");

        GC.Collect();
        GC.WaitForPendingFinalizers();
        TaskScheduler.UnobservedTaskException -= OnUnobserved;

        // What a loser ended with, and not what a test elsewhere has dropped: that has passed the edge.
        lock (unobserved) unobserved.Where(e => e.ToString().Contains("HedgeStage", StringComparison.Ordinal) && !e.ToString().Contains("Edge", StringComparison.Ordinal)).Should().BeEmpty();
    }

    // Mostly at once; in one of five about when the second attempt begins or answers, and now and then an error.
    private static ProviderEmulator Host(int seed)
    {
        var random = new Random(seed);
        return new ProviderEmulator().Respond(attempt =>
        {
            EmulatedReply reply;
            lock (random)
            {
                reply = random.Next(25) == 0 ? EmulatedReply.Error(500) : EmulatedReply.Answer("one two three four").Usage(10, 90);
                if (random.Next(5) == 0) reply.DelayBeforeHeaders(TimeSpan.FromMilliseconds(random.Next(5, 30)));
            }

            return reply;
        });
    }
}
