using HarborClient.Testing;

namespace HarborClient.Tests.Resilience;

public sealed class PermitStressTests
{
    private const int Callers = 32;
    private const int CallsEach = 150;

    // Real threads: callers that leave while they wait for a permit, while they are asked, and while they read.
    [Fact]
    public async Task Callers_that_leave_at_any_moment_leave_no_permit_behind()
    {
        var provider = new ProviderEmulator();
        bool isOver = false;
        provider.Respond(attempt => attempt.Number % 7 == 0 && !Volatile.Read(ref isOver) ? EmulatedReply.Error(500) : EmulatedReply.Answer("one two three four"));
        await using FastClient client = FastClient.Create(h => h
            .AddLocal("lab", new Uri("http://lab.test:8000/v1/"), o =>
            {
                o.UseHandler(provider.CreateHandler());
                o.Retry.BaseDelay = TimeSpan.FromMilliseconds(1);
                o.CircuitBreaker.MinimumAttempts = 1_000_000;
                o.Limits.MaximumInFlight = 4;
            })
            .UseDefaultModel("lab/small"));

        int answered = await new LeavingCallers(client, Callers, CallsEach, (leaving, _) => Task.Run(leaving.Cancel)).RunAsync(TimeSpan.FromMinutes(1));

        // More than a tenth of the calls failed, so that nothing may be left to pay for another try.
        Volatile.Write(ref isOver, true);
        answered.Should().BePositive();
        client.Outstanding().Should().Be(Outstanding.None);
        TargetStatus target = client.Health.Targets.Should().ContainSingle().Which;
        target.InFlight.Should().Be(0);
        target.Queued.Should().Be(0);
        (await client.GetResponseAsync("still there?").Guarded()).Text.Should().NotBeEmpty();
    }
}
