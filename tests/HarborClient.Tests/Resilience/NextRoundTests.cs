using HarborClient.Testing;

namespace HarborClient.Tests.Resilience;

// Targets that are asked again after the others have failed as well.
public sealed class NextRoundTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<PerformanceMode> PatientModes => RetryTests.PatientModes;

    [Theory]
    [MemberData(nameof(PatientModes))]
    public async Task A_target_that_failed_in_passing_is_asked_again_when_the_other_turns_out_dead(PerformanceMode mode)
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(503).ThenAnswer("fine");
        ProviderEmulator b = new ProviderEmulator(_time).Otherwise(new EmulatedReply().ConnectionRefused());
        await using FastClient client = TestClients.Chain(_time, mode, null, 3, a, b);

        ChatResponse answer = await Drive(client.GetResponseAsync("hi"));

        answer.Text.Should().Be("fine");
        HarborCallInfo how = answer.GetHarborInfo();
        how.Attempts.Select(attempt => attempt.Provider).Should().Equal("a", "b", "b", "a");
        how.Decisions.Should().Contain(decision => decision.Kind == DecisionKind.Retry && decision.Target == "a/one");
        how.Duration.Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(1), "two back-offs");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(PatientModes))]
    public async Task It_is_asked_again_rather_than_waiting_for_one_that_is_left_alone(PerformanceMode mode)
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(503).ThenAnswer("fine");
        ProviderEmulator b = new ProviderEmulator(_time).Otherwise(new EmulatedReply().ConnectionRefused());
        await using FastClient client = TestClients.Chain(_time, mode, null, 3, a, b);
        await OpenBreakerAsync(client, "b/two");
        int asked = b.Attempts.Count;

        ChatResponse answer = await Drive(client.GetResponseAsync("hi"));

        answer.Text.Should().Be("fine");
        answer.GetHarborInfo().Duration.Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(0.5));
        b.Attempts.Should().HaveCount(asked);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(PatientModes))]
    public async Task Targets_that_both_stay_out_of_capacity_are_asked_in_turns_as_often_as_MaximumAttempts_allows(PerformanceMode mode)
    {
        ProviderEmulator a = new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(503));
        ProviderEmulator b = new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(503));
        await using FastClient client = TestClients.Chain(_time, mode, null, 3, a, b);

        Func<Task> call = () => Drive(client.GetResponseAsync("hi"));

        HarborException error = (await call.Should().ThrowAsync<HarborException>()).Which;
        error.Attempts.Select(attempt => attempt.Provider).Should().Equal("a", "b", "a", "b");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task One_that_keeps_failing_is_not_preferred_to_one_that_may_have_hiccuped()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(500));
        ProviderEmulator b = new ProviderEmulator(_time).Then(503).ThenAnswer("fine");
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Balanced, null, 3, a, b);

        ChatResponse answer = await Drive(client.GetResponseAsync("hi"));

        answer.GetHarborInfo().Attempts.Select(attempt => attempt.Provider).Should().Equal("a", "a", "b", "b");
    }

    [Fact]
    public async Task A_silent_target_is_not_asked_again()
    {
        ProviderEmulator a = new ProviderEmulator(_time).ThenReply(new EmulatedReply().NeverAnswer()).ThenAnswer("late");
        ProviderEmulator b = new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(503));
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Full, null, 3, a, b);

        Func<Task> call = () => Drive(client.GetResponseAsync("hi"));

        await call.Should().ThrowAsync<HarborException>().Where(error => error.Kind == ErrorKind.Overloaded);
        a.Attempts.Should().HaveCount(1);
    }

    [Fact]
    public async Task Fast_asks_each_target_once()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(503).ThenAnswer("later");
        ProviderEmulator b = new ProviderEmulator(_time).Otherwise(new EmulatedReply().ConnectionRefused());
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Fast, null, 3, a, b);

        Func<Task> call = () => client.GetResponseAsync("hi");

        await call.Should().ThrowAsync<HarborException>().Where(error => error.Kind == ErrorKind.Network);
        a.Attempts.Should().HaveCount(1);
    }

    [Theory]
    [MemberData(nameof(PatientModes))]
    public async Task A_call_that_waits_for_a_target_that_is_left_alone_says_so_once_in_the_log(PerformanceMode mode)
    {
        using var logs = new RecordedLogs();
        ProviderEmulator a = new ProviderEmulator(_time).Down(TimeSpan.Zero, TimeSpan.FromSeconds(3)).Otherwise(EmulatedReply.Answer("fine"));
        await using FastClient client = TestClients.Chain(_time, mode, builder => builder.UseLoggerFactory(logs), 3, a);
        await OpenBreakerAsync(client, "a/one");

        ChatResponse answer = await Drive(client.GetResponseAsync("hi"));

        answer.Text.Should().Be("fine");
        logs.Of(9).Should().ContainSingle().Which.Message.Should().Contain("chat").And.Contain("a/one").And.Contain("TotalTimeout");
        answer.GetHarborInfo().Decisions.Should().Contain(decision => decision.Kind == DecisionKind.Wait && decision.Target == "a/one");
    }

    // In Fast each call is one attempt, and the breakers are the same in all modes.
    private static async Task OpenBreakerAsync(FastClient client, string model)
    {
        for (int call = 0; call < 10; call++)
        {
            Func<Task> failing = () => client.GetResponseAsync("hi", new HarborChatOptions { ModelId = model, Mode = PerformanceMode.Fast });
            await failing.Should().ThrowAsync<HarborException>();
        }
    }

    private async Task<T> Drive<T>(Task<T> call)
    {
        await _time.AdvanceUntil(call);
        return await call;
    }
}
