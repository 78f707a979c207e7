using HarborClient.Testing;

namespace HarborClient.Tests.Resilience;

// What errors and decisions say of why a call went the way it went.
public sealed class ReasonTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_failover_says_what_failed_and_how()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(503);
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Fast, null, a, new ProviderEmulator(_time));

        HarborCallInfo info = (await client.GetResponseAsync("hi")).GetHarborInfo();

        info.Decisions.Single(decision => decision.Kind == DecisionKind.Failover).Reason.Should().Be("a/one failed (Overloaded)");
    }

    [Fact]
    public async Task A_target_whose_quota_is_used_up_is_not_said_to_have_asked_for_rest()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(429, code: "insufficient_quota"));
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Fast, null, a, new ProviderEmulator(_time));
        await client.GetResponseAsync("hi");

        HarborCallInfo info = (await client.GetResponseAsync("hi")).GetHarborInfo();

        info.Decisions.Single(decision => decision.Kind == DecisionKind.Exclusion).Reason.Should().Be("is asked last for 600 s: the quota of its keys is used up");
    }

    [Fact]
    public async Task An_error_counts_attempts_and_not_targets()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(500));
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Balanced, null, attempts: 2, a);
        Task<ChatResponse> call = client.GetResponseAsync("hi");
        await _time.AdvanceUntil(call);

        (await call.Invoking(task => task).Should().ThrowAsync<HarborException>()).WithMessage("*2 attempts were made: a/one Provider, a/one Provider.");
    }

    [Fact]
    public async Task Text_that_cannot_start_over_says_why()
    {
        ProviderEmulator a = new ProviderEmulator(_time).ThenAnswer(["one ", "two "], reply => reply.CutAfterUpdates(1));
        ProviderEmulator b = new ProviderEmulator(_time).ThenAnswer(["eins ", "zwei "]);
        await using FastClient client = TestClients.Chain(_time, a, b);

        Func<Task> read = () => client.StreamTextAsync("count", new HarborChatOptions { MidStream = MidStreamPolicy.Restart }).ToListAsync();

        (await read.Should().ThrowAsync<StreamInterruptedException>()).WithMessage("*The answer of b/two differs from the text that was handed out*GetStreamingResponseAsync*")
            .Which.Partial.Text.Should().Be("one ");
        client.Outstanding().Should().Be(Outstanding.None);
    }
}
