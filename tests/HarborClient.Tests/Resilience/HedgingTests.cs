using HarborClient.Testing;

namespace HarborClient.Tests.Resilience;

// A second attempt beside a slow one: what the caller, the hosts and the records see of it.
public sealed class HedgingTests
{
    [Fact]
    public async Task A_slow_call_asks_the_next_target_after_the_delay_and_the_faster_one_answers()
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();
        hosts.A.ThenReply(HedgedHosts.Late("too late"));
        DateTimeOffset begun = hosts.Time.GetUtcNow();

        ChatResponse answer = await hosts.AskAsync();

        answer.Text.Should().Be("from b");
        hosts.B.Attempts.Should().ContainSingle().Which.ReceivedAt.Should().Be(begun + HedgedHosts.Delay);
        HarborCallInfo info = answer.GetHarborInfo();
        info.TimeToFirstUpdate.Should().Be(HedgedHosts.Delay);
        info.Provider.Should().Be("b");
        await hosts.ShouldSettleAsync();
    }

    [Fact]
    public async Task The_host_of_the_slow_attempt_sees_it_cancelled_at_once()
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();
        hosts.A.ThenReply(HedgedHosts.Late("too late"));

        await hosts.AskAsync();
        await hosts.A.AttemptEnded(HedgedHosts.WarmUp + 1).Guarded();

        EmulatedAttempt slow = hosts.A.Attempts[^1];
        slow.Outcome.Should().Be(AttemptOutcome.ClientClosed);
        slow.EndedAt.Should().Be(slow.ReceivedAt + HedgedHosts.Delay);
        await hosts.ShouldSettleAsync();
    }

    [Fact]
    public async Task The_record_tells_of_both_attempts_and_why()
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();
        hosts.A.ThenReply(HedgedHosts.Late("too late"));

        HarborCallInfo info = (await hosts.AskAsync()).GetHarborInfo();

        info.Attempts.Select(attempt => (attempt.Number, attempt.Provider, attempt.IsOvertaken, attempt.Error)).Should().Equal((1, "a", true, null), (2, "b", false, null));
        info.Attempts[0].Duration.Should().Be(HedgedHosts.Delay);
        info.Attempts[0].ToString().Should().Contain("overtaken");
        info.Decisions.Select(decision => (decision.Kind, decision.Target)).Should().Equal(
            (DecisionKind.Candidates, null),
            (DecisionKind.Attempt, "a/one"),
            (DecisionKind.Hedge, "b/two"),
            (DecisionKind.Attempt, "b/two"),
            (DecisionKind.Hedge, "b/two"),
            (DecisionKind.Answer, "b/two"));
        info.Decisions[2].Wait.Should().Be(HedgedHosts.Delay);
        info.Decisions[^1].Attempt.Should().Be(2);
    }

    [Fact]
    public async Task The_slow_attempt_answers_where_it_is_the_first_after_all()
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();
        hosts.A.ThenReply(HedgedHosts.Answer("just in time").DelayBeforeFirstUpdate(TimeSpan.FromSeconds(3)));
        hosts.B.ThenReply(HedgedHosts.Late("even later"));

        ChatResponse answer = await hosts.AskAsync();

        answer.Text.Should().Be("just in time");
        HarborCallInfo info = answer.GetHarborInfo();
        info.Provider.Should().Be("a");
        info.Attempts.Select(attempt => attempt.IsOvertaken).Should().Equal(false, true);
        info.Decisions[^1].Attempt.Should().Be(1);
        await hosts.B.AttemptEnded(1).Guarded();
        hosts.B.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        await hosts.ShouldSettleAsync();
    }

    [Fact]
    public async Task A_stream_comes_whole_from_the_faster_one()
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();
        hosts.A.ThenReply(HedgedHosts.Late("too late"));
        hosts.B.ThenReply(EmulatedReply.Answer(["one ", "two ", "three"]).DelayBetweenUpdates(TimeSpan.FromSeconds(1)).Usage(10, 90));

        Task<List<string>> reading = hosts.Client.StreamTextAsync("hi").ToListAsync();
        await hosts.Time.AdvanceUntil(reading);

        string.Concat(await reading).Should().Be("one two three");
        await hosts.ShouldSettleAsync();
    }

    [Fact]
    public async Task Another_key_of_the_same_target_is_asked_before_another_target()
    {
        await using HedgedHosts hosts = await new HedgedHosts(atA: local =>
        {
            local.Keys.Add("key-one-7Qm2xWv9");
            local.Keys.Add("key-two-7Qm2xWv9");
        }).WarmAsync();
        hosts.A.ThenReply(HedgedHosts.Late("too late"));

        ChatResponse answer = await hosts.AskAsync();

        answer.Text.Should().Be("from a");
        hosts.B.Attempts.Should().BeEmpty();
        hosts.A.Attempts.TakeLast(2).Select(attempt => attempt.Headers["Authorization"]).Distinct().Should().HaveCount(2);
        HedgedHosts.Hedges(answer).First().Reason.Should().Contain("key").And.NotContain("key-");
        await hosts.ShouldSettleAsync();
    }

    [Fact]
    public async Task When_both_begin_at_the_same_moment_one_answers_and_the_other_is_closed()
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();
        hosts.A.ThenReply(HedgedHosts.Answer("from a").DelayBeforeFirstUpdate(TimeSpan.FromSeconds(3)));
        hosts.B.ThenReply(HedgedHosts.Answer("from b").DelayBeforeFirstUpdate(TimeSpan.FromSeconds(2)));

        ChatResponse answer = await hosts.AskAsync();

        answer.Text.Should().BeOneOf("from a", "from b");
        answer.GetHarborInfo().Attempts.Should().ContainSingle(attempt => attempt.IsOvertaken);
        await hosts.ShouldSettleAsync();
    }

    [Fact]
    public async Task The_second_answers_when_the_first_fails_meanwhile_and_nobody_retries_beside_it()
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();
        hosts.A.ThenReply(EmulatedReply.Error(500).DelayBeforeHeaders(TimeSpan.FromSeconds(2)));
        hosts.B.ThenReply(HedgedHosts.Answer("from b").DelayBeforeFirstUpdate(TimeSpan.FromSeconds(3)));

        ChatResponse answer = await hosts.AskAsync();

        answer.Text.Should().Be("from b");
        HarborCallInfo info = answer.GetHarborInfo();
        info.Attempts.Select(attempt => (attempt.Provider, attempt.Error)).Should().Equal(("a", ErrorKind.Provider), ("b", null));
        info.TimeToFirstUpdate.Should().Be(TimeSpan.FromSeconds(4));
        info.Decisions.Should().NotContain(decision => decision.Kind == DecisionKind.Retry);
        await hosts.ShouldSettleAsync();
    }

    [Fact]
    public async Task The_first_answers_when_the_second_fails()
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();
        hosts.A.ThenReply(HedgedHosts.Late("at last"));
        hosts.B.Then(503);

        ChatResponse answer = await hosts.AskAsync();

        answer.Text.Should().Be("at last");
        answer.GetHarborInfo().Attempts.Select(attempt => (attempt.Provider, attempt.Error)).Should().Equal(("a", null), ("b", ErrorKind.Overloaded));
        answer.GetHarborInfo().Decisions.Should().ContainSingle(decision => decision.Kind == DecisionKind.Failure && decision.Target == "b/two");
        hosts.B.Attempts.Should().ContainSingle("a hedge is not retried");
        await hosts.ShouldSettleAsync();
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(4, 2)]
    public async Task When_both_fail_the_first_targets_failure_is_retried_as_without_a_second(int firstFailsAt, int secondFailsAt)
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();
        hosts.A.ThenReply(EmulatedReply.Error(500).DelayBeforeHeaders(TimeSpan.FromSeconds(firstFailsAt)));
        hosts.B.ThenReply(EmulatedReply.Error(503).DelayBeforeHeaders(TimeSpan.FromSeconds(secondFailsAt - 1)));

        ChatResponse answer = await hosts.AskAsync();

        HarborCallInfo info = answer.GetHarborInfo();
        info.Attempts.Select(attempt => (attempt.Provider, attempt.Error)).Should().Equal(("a", ErrorKind.Provider), ("b", ErrorKind.Overloaded), ("a", null));
        info.Decisions.Should().ContainSingle(decision => decision.Kind == DecisionKind.Retry && decision.Target == "a/one" && decision.Error == ErrorKind.Provider);
        await hosts.ShouldSettleAsync();
    }

    [Fact]
    public async Task When_both_fail_for_good_the_error_is_the_first_targets_and_names_both_attempts()
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();
        hosts.A.ThenReply(EmulatedReply.Error(500).DelayBeforeHeaders(TimeSpan.FromSeconds(2))).Otherwise(EmulatedReply.Error(500));
        hosts.B.Otherwise(EmulatedReply.Error(503).DelayBeforeHeaders(TimeSpan.FromSeconds(3)));

        Func<Task> call = () => hosts.AskAsync();

        HarborException error = (await call.Should().ThrowAsync<HarborException>()).Which;
        error.Provider.Should().Be("a");
        error.Attempts.Take(2).Select(attempt => (attempt.Provider, attempt.Error)).Should().Equal(("a", ErrorKind.Provider), ("b", ErrorKind.Overloaded));
        await hosts.ShouldSettleAsync();
    }

    [Fact]
    public async Task What_would_be_wrong_everywhere_ends_the_call_although_a_second_attempt_is_under_way()
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();
        hosts.A.ThenReply(EmulatedReply.Error(400).DelayBeforeHeaders(TimeSpan.FromSeconds(2)));
        hosts.B.ThenReply(HedgedHosts.Late("too late"));

        Func<Task> call = () => hosts.AskAsync();

        HarborException error = (await call.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Attempts.Select(attempt => attempt.IsOvertaken).Should().Equal(false, true);
        await hosts.ShouldSettleAsync();
    }

    [Fact]
    public async Task A_call_is_hedged_once_at_most()
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync(2 * HedgedHosts.WarmUp);
        hosts.A.ThenReply(EmulatedReply.Error(500).DelayBeforeHeaders(TimeSpan.FromSeconds(2))).ThenReply(HedgedHosts.Late("at last"));
        hosts.B.ThenReply(EmulatedReply.Error(503));

        ChatResponse answer = await hosts.AskAsync();

        answer.Text.Should().Be("at last");
        hosts.B.Attempts.Should().ContainSingle();
        await hosts.ShouldSettleAsync();
    }

    [Fact]
    public async Task A_target_that_was_only_overtaken_may_answer_again_when_the_stream_breaks()
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();
        hosts.A.ThenReply(HedgedHosts.Late("too late"));
        hosts.B.ThenAnswer(["one ", "two ", "three"], reply => reply.CutAfterUpdates(2));

        ChatResponse answer = await hosts.AskAsync();

        answer.Text.Should().Be("from a");
        answer.GetHarborInfo().Decisions.Should().Contain(decision => decision.Kind == DecisionKind.Restart && decision.Target == "a/one");
        await hosts.ShouldSettleAsync();
    }
}
