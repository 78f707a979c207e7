using HarborClient.Testing;

namespace HarborClient.Tests.Pipeline;

// Which errors send a call to the next target, and which end it.
public sealed class FailoverTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<PerformanceMode> Modes => TestClients.Modes;

    public static TheoryData<string, ErrorKind> MovingOn => new()
    {
        { "429", ErrorKind.RateLimited },
        { "429 insufficient_quota", ErrorKind.QuotaExhausted },
        { "402", ErrorKind.QuotaExhausted },
        { "500", ErrorKind.Provider },
        { "502", ErrorKind.Provider },
        { "503", ErrorKind.Overloaded },
        { "529", ErrorKind.Overloaded },
        { "refused", ErrorKind.Network },
        { "reset", ErrorKind.Network },
        { "aborted", ErrorKind.Network },
        { "empty", ErrorKind.Interrupted },
        { "cut", ErrorKind.Interrupted },
        { "html", ErrorKind.Provider },
    };

    public static TheoryData<string, ErrorKind> Ending => new()
    {
        { "400", ErrorKind.InvalidRequest },
        { "401", ErrorKind.Authentication },
        { "403", ErrorKind.Authentication },
        { "404", ErrorKind.NotFound },
        { "409", ErrorKind.Conflict },
        { "413", ErrorKind.TooLarge },
        { "422", ErrorKind.InvalidRequest },
        { "400 context_length_exceeded", ErrorKind.ContextTooLong },
        { "400 content_filter", ErrorKind.ContentFiltered },
        { "redirect", ErrorKind.Configuration },
    };

    [Theory]
    [MemberData(nameof(MovingOn))]
    public async Task An_error_that_another_target_may_not_have_moves_on(string failure, ErrorKind kind)
    {
        var failing = new ProviderEmulator(_time).ThenReply(Reply(failure), times: 2);
        var healthy = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine"));
        await using var client = TestClients.Chain(_time, failing, healthy);
        await using var another = TestClients.Chain(_time, failing, healthy);

        var plain = await client.GetResponseAsync("hi");
        var streamed = (await another.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse();

        foreach (var answer in new[] { plain, streamed })
        {
            answer.Text.Should().Be("fine");
            answer.GetHarborInfo().Provider.Should().Be("b");
            answer.GetHarborInfo().Attempts.Select(attempt => (attempt.Number, attempt.Provider, attempt.Error))
                .Should().Equal((1, "a", kind), (2, "b", null));
        }

        failing.Attempts.Should().HaveCount(2);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Ending))]
    public async Task An_error_that_would_be_the_same_everywhere_ends_the_call(string failure, ErrorKind kind)
    {
        var failing = new ProviderEmulator(_time).ThenReply(Reply(failure), times: 2);
        var healthy = new ProviderEmulator(_time);
        await using var client = TestClients.Chain(_time, failing, healthy);

        var plain = () => client.GetResponseAsync("hi");
        var streamed = () => client.StreamTextAsync("hi").ToListAsync();

        foreach (var act in new Func<Task>[] { plain, streamed })
        {
            var error = (await act.Should().ThrowAsync<HarborException>()).Which;
            error.Kind.Should().Be(kind);
            error.Provider.Should().Be("a");
            error.Model.Should().Be("one");
            error.Attempts.Should().ContainSingle().Which.Error.Should().Be(kind);
        }

        healthy.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Targets_are_asked_in_order_each_once_and_the_last_error_is_thrown_with_all_attempts(PerformanceMode mode)
    {
        var first = new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(500).Header("x-request-id", "req-a"));
        var second = new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(503));
        var third = new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(429, retryAfterSeconds: 7));
        await using var client = TestClients.Chain(_time, mode, null, first, second, third);

        var act = () => client.GetResponseAsync("hi");

        var error = (await act.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.RateLimited);
        error.RetryAfter.Should().Be(TimeSpan.FromSeconds(7));
        error.Attempts.Select(attempt => attempt.ToString()).Should().Equal("#1 a/one Provider 0 ms", "#2 b/two Overloaded 0 ms", "#3 c/three RateLimited 0 ms");
        error.Attempts[0].RequestId.Should().Be("req-a");
        error.Attempts.Select(attempt => (int?)attempt.StatusCode).Should().Equal(500, 503, 429);
        new[] { first, second, third }.Should().OnlyContain(provider => provider.Attempts.Count == 1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_target_that_does_not_begin_in_time_is_passed_over()
    {
        var silent = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer("never").SilentAfterUpdates(0));
        var healthy = new ProviderEmulator(_time).ThenAnswer("fine");
        await using var client = TestClients.Chain(_time, silent, healthy);

        var pending = client.StreamTextAsync("hi").ToListAsync();
        _time.Advance(TimeSpan.FromSeconds(30));

        (await pending.Guarded()).Should().Equal("fine");
        silent.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
    }

    [Fact]
    public async Task The_Total_clock_ends_the_call_and_no_further_target_is_asked()
    {
        var silent = new ProviderEmulator(_time).ThenReply(new EmulatedReply().NeverAnswer());
        var healthy = new ProviderEmulator(_time);
        await using var client = TestClients.Chain(_time, silent, healthy);

        var pending = client.GetResponseAsync("hi", new HarborChatOptions { TotalTimeout = TimeSpan.FromSeconds(5) });
        _time.Advance(TimeSpan.FromSeconds(5));

        (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<HarborTimeoutException>()).Which.Clock.Should().Be(HarborClock.Total);
        healthy.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task All_attempts_share_one_Total_clock()
    {
        var slow = new ProviderEmulator(_time).ThenReply(EmulatedReply.Error(503).DelayBeforeHeaders(TimeSpan.FromSeconds(4)));
        var slower = new ProviderEmulator(_time).ThenReply(new EmulatedReply().NeverAnswer());
        await using var client = TestClients.Chain(_time, slow, slower);

        var pending = client.GetResponseAsync("hi", new HarborChatOptions { TotalTimeout = TimeSpan.FromSeconds(5) });
        _time.Advance(TimeSpan.FromSeconds(4));
        var wasPending = !pending.IsCompleted;
        _time.Advance(TimeSpan.FromSeconds(1));

        var error = (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<HarborTimeoutException>()).Which;
        wasPending.Should().BeTrue();
        error.Clock.Should().Be(HarborClock.Total);
        error.Attempts.Select(attempt => attempt.Duration).Should().Equal(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("b")]
    [InlineData("b/two")]
    public async Task AllowedTargets_leaves_out_the_others(string allowed)
    {
        var forbidden = new ProviderEmulator(_time);
        var permitted = new ProviderEmulator(_time).ThenAnswer("fine");
        await using var client = TestClients.Chain(_time, forbidden, permitted);

        var answer = await client.GetResponseAsync("hi", new HarborChatOptions { AllowedTargets = [allowed] });

        answer.GetHarborInfo().Provider.Should().Be("b");
        forbidden.Attempts.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Without_a_permitted_target_nothing_is_sent(PerformanceMode mode)
    {
        var first = new ProviderEmulator(_time);
        var second = new ProviderEmulator(_time);
        await using var client = TestClients.Chain(_time, mode, null, first, second);
        var options = new HarborChatOptions { AllowedTargets = ["elsewhere/model"] };

        var plain = () => client.GetResponseAsync("hi", options);
        var streamed = () => client.StreamTextAsync("hi", options).ToListAsync();

        foreach (var act in new Func<Task>[] { plain, streamed })
        {
            var error = (await act.Should().ThrowAsync<HarborException>()).Which;
            error.Kind.Should().Be(ErrorKind.NoPermittedTarget);
            error.Message.Should().Contain("a/one").And.Contain("elsewhere/model").And.Contain("AllowedTargets");
            error.Attempts.Should().BeEmpty();
        }

        first.Attempts.Should().BeEmpty();
        second.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_caller_who_cancels_is_not_sent_to_the_next_target()
    {
        var silent = new ProviderEmulator(_time).ThenReply(new EmulatedReply().NeverAnswer());
        var healthy = new ProviderEmulator(_time);
        await using var client = TestClients.Chain(_time, silent, healthy);
        using var caller = new CancellationTokenSource();

        var pending = client.GetResponseAsync("hi", null, caller.Token);
        await caller.CancelAsync();

        (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
        healthy.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task After_the_first_update_a_failure_is_the_callers()
    {
        var broken = new ProviderEmulator(_time).ThenAnswer(["one ", "two"], reply => reply.ResetAfterUpdates(1));
        var healthy = new ProviderEmulator(_time);
        await using var client = TestClients.Chain(_time, broken, healthy);

        var act = () => client.StreamTextAsync("hi").ToListAsync();

        (await act.Should().ThrowAsync<StreamInterruptedException>()).Which.Partial.Text.Should().Be("one ");
        healthy.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task Moving_on_is_logged_with_both_targets_and_the_kind()
    {
        var failing = new ProviderEmulator(_time).Then(503);
        var healthy = new ProviderEmulator(_time).ThenAnswer("fine");
        using var logs = new RecordedLogs();
        await using var client = TestClients.Chain(_time, PerformanceMode.Balanced, builder => builder.UseLoggerFactory(logs), failing, healthy);

        await client.GetResponseAsync("a secret prompt");

        var entry = logs.Of(2).Should().ContainSingle().Subject;
        entry.Message.Should().Contain("a/one").And.Contain("Overloaded").And.Contain("b/two");
        logs.Entries.Should().NotContain(other => other.Message.Contains("secret", StringComparison.Ordinal));
    }

    private static EmulatedReply Reply(string failure)
    {
        var answer = EmulatedReply.Answer("never complete");
        return failure switch
        {
            "refused" => new EmulatedReply().ConnectionRefused(),
            "reset" => new EmulatedReply().ResetBeforeHeaders(),
            "aborted" => new EmulatedReply().AbortWhenBodyRead(),
            "empty" => EmulatedReply.Raw("", "application/json"),
            "cut" => answer.CutAtByte(20),
            "html" => EmulatedReply.Raw("<html>hello</html>", "text/html"),
            "redirect" => new EmulatedReply().RedirectTo(new Uri("https://elsewhere.test/v1/")),
            _ => failure.Split(' ') is [var status, var code] ? EmulatedReply.Error(int.Parse(status, null), code: code) : EmulatedReply.Error(int.Parse(failure, null)),
        };
    }
}
