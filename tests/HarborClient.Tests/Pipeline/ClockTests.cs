using HarborClient.Testing;

namespace HarborClient.Tests.Pipeline;

// The four clocks: which one runs when, and that its error says so.
public sealed class ClockTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_stream_without_a_first_update_within_30_s_ends_with_the_FirstUpdate_clock()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer("never").SilentAfterUpdates(0));
        await using var client = TestClients.Balanced(provider, _time);

        var pending = client.StreamTextAsync("hi").ToListAsync();
        await _time.TimerSet(TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        var wasPending = !pending.IsCompleted;
        _time.Advance(TimeSpan.FromTicks(1));

        var error = (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<HarborTimeoutException>()).Which;
        wasPending.Should().BeTrue();
        error.Clock.Should().Be(HarborClock.FirstUpdate);
        error.Kind.Should().Be(ErrorKind.Timeout);
        error.IsTransient.Should().BeTrue();
        error.Message.Should().Contain("FirstUpdateTimeout").And.Contain("00:00:30");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Comments_and_empty_events_do_not_count_as_a_first_update()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer("never").SilentAfterUpdates(0).KeepAliveEvery(TimeSpan.FromSeconds(7)));
        await using var client = TestClients.Balanced(provider, _time);

        var pending = client.StreamTextAsync("hi").ToListAsync();
        await _time.TimerSet(TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromSeconds(30));

        (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<HarborTimeoutException>()).Which.Clock.Should().Be(HarborClock.FirstUpdate);
        provider.Attempts[0].BytesSent.Should().BePositive("keep-alives were read");
    }

    [Fact]
    public async Task A_stream_that_falls_silent_for_60_s_ends_with_the_Idle_clock_and_the_partial_answer()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["one ", "two ", "three"], reply => reply.SilentAfterUpdates(2));
        await using var client = TestClients.Balanced(provider, _time);
        await using var updates = client.StreamTextAsync("hi").GetAsyncEnumerator();
        await updates.MoveNextAsync();
        await updates.MoveNextAsync();

        var pending = updates.MoveNextAsync().AsTask();
        _time.Advance(TimeSpan.FromSeconds(60) - TimeSpan.FromTicks(1));
        var wasPending = !pending.IsCompleted;
        _time.Advance(TimeSpan.FromTicks(1));

        var error = (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<StreamInterruptedException>()).Which;
        wasPending.Should().BeTrue();
        error.Partial.Text.Should().Be("one two ");
        error.InnerException.Should().BeOfType<HarborTimeoutException>().Which.Clock.Should().Be(HarborClock.Idle);
        error.Message.Should().Contain("IdleTimeout");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_slow_consumer_never_trips_the_Idle_clock()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["one ", "two ", "three"]);
        await using var client = TestClients.Balanced(provider, _time);

        List<string> pieces = [];
        await foreach (var piece in client.StreamTextAsync("hi"))
        {
            pieces.Add(piece);
            _time.Advance(TimeSpan.FromSeconds(150));
        }

        pieces.Should().Equal("one ", "two ", "three");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Time_the_consumer_took_is_not_counted_as_the_hosts_silence()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["one ", "two"], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(100)));
        await using var client = TestClients.Balanced(provider, _time);
        await using var updates = client.StreamTextAsync("hi").GetAsyncEnumerator();
        await updates.MoveNextAsync();

        _time.Advance(TimeSpan.FromSeconds(55));
        var pending = updates.MoveNextAsync().AsTask();
        _time.Advance(TimeSpan.FromSeconds(45));

        (await pending.Guarded()).Should().BeTrue();
        updates.Current.Should().Be("two");
    }

    [Fact]
    public async Task Every_event_starts_the_Idle_clock_anew()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["one ", "two ", "three"], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(59)));
        await using var client = TestClients.Balanced(provider, _time);

        var pending = client.StreamTextAsync("hi").ToListAsync();
        _time.Advance(TimeSpan.FromSeconds(59));
        _time.Advance(TimeSpan.FromSeconds(59));

        (await pending.Guarded()).Should().Equal("one ", "two ", "three");
    }

    [Fact]
    public async Task Comments_do_not_reset_the_Idle_clock()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["one ", "two"], reply => reply.SilentAfterUpdates(1).KeepAliveEvery(TimeSpan.FromSeconds(10)));
        await using var client = TestClients.Balanced(provider, _time);
        await using var updates = client.StreamTextAsync("hi").GetAsyncEnumerator();
        await updates.MoveNextAsync();

        var pending = updates.MoveNextAsync().AsTask();
        _time.Advance(TimeSpan.FromSeconds(60));

        (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<StreamInterruptedException>())
            .Which.InnerException.Should().BeOfType<HarborTimeoutException>().Which.Clock.Should().Be(HarborClock.Idle);
    }

    [Theory]
    [InlineData(PerformanceMode.Fast)]
    [InlineData(PerformanceMode.Balanced)]
    public async Task A_plain_call_has_only_the_Total_clock(PerformanceMode mode)
    {
        var provider = new ProviderEmulator(_time).ThenReply(new EmulatedReply().NeverAnswer());
        await using var client = TestClients.OpenAI(provider, _time, mode);

        var pending = client.GetResponseAsync("hi");
        await _time.TimerSet(TimeSpan.FromMinutes(10));
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromTicks(1));
        var wasPending = !pending.IsCompleted;
        _time.Advance(TimeSpan.FromTicks(1));

        var error = (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<HarborTimeoutException>()).Which;
        wasPending.Should().BeTrue();
        error.Clock.Should().Be(HarborClock.Total);
        error.IsTransient.Should().BeFalse();
        error.Message.Should().Contain("TotalTimeout").And.Contain("00:10:00");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_plain_call_in_Full_mode_notices_a_host_that_never_begins_after_30_s()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer("never").SilentAfterUpdates(0));
        await using var client = TestClients.Full(provider, _time);

        var pending = client.GetResponseAsync("hi");
        await _time.TimerSet(TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromSeconds(30));

        (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<HarborTimeoutException>()).Which.Clock.Should().Be(HarborClock.FirstUpdate);
    }

    [Fact]
    public async Task The_Total_clock_ends_a_stream_that_never_falls_silent()
    {
        var provider = new ProviderEmulator(_time)
            .ThenAnswer([.. Enumerable.Range(0, 100).Select(i => $"{i} ")], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(50)));
        await using var client = TestClients.Balanced(provider, _time);

        var pending = client.StreamTextAsync("hi").ToListAsync();
        for (var i = 0; i < 12; i++) _time.Advance(TimeSpan.FromSeconds(50));

        var error = (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<StreamInterruptedException>()).Which;
        error.InnerException.Should().BeOfType<HarborTimeoutException>().Which.Clock.Should().Be(HarborClock.Total);
        error.Partial.Text.Should().StartWith("0 1 2 3 4 5 6 7 8 9 10");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Settings_of_the_client_move_all_three_clocks()
    {
        var provider = new ProviderEmulator(_time)
            .ThenReply(EmulatedReply.Answer("never").SilentAfterUpdates(0))
            .ThenAnswer(["one ", "two"], reply => reply.SilentAfterUpdates(1))
            .ThenReply(new EmulatedReply().NeverAnswer());
        await using var client = TestClients.OpenAI(provider, _time, configure: builder => builder.UseClocks(clocks =>
        {
            clocks.FirstUpdateTimeout = TimeSpan.FromSeconds(3);
            clocks.IdleTimeout = TimeSpan.FromSeconds(4);
            clocks.TotalTimeout = TimeSpan.FromSeconds(5);
        }));

        var first = client.StreamTextAsync("hi").ToListAsync();
        _time.Advance(TimeSpan.FromSeconds(3));
        var idle = client.StreamTextAsync("hi").ToListAsync();
        _time.Advance(TimeSpan.FromSeconds(4));
        var total = client.GetResponseAsync("hi");
        _time.Advance(TimeSpan.FromSeconds(5));

        (await ClockOf(first)).Should().Be(HarborClock.FirstUpdate);
        (await ClockOf(idle)).Should().Be(HarborClock.Idle);
        (await ClockOf(total)).Should().Be(HarborClock.Total);
    }

    [Fact]
    public async Task Settings_of_the_call_move_all_three_clocks()
    {
        var provider = new ProviderEmulator(_time)
            .ThenReply(EmulatedReply.Answer("never").SilentAfterUpdates(0))
            .ThenAnswer(["one ", "two"], reply => reply.SilentAfterUpdates(1))
            .ThenReply(new EmulatedReply().NeverAnswer());
        await using var client = TestClients.Balanced(provider, _time);

        var first = client.StreamTextAsync("hi", new HarborChatOptions { FirstUpdateTimeout = TimeSpan.FromSeconds(3) }).ToListAsync();
        _time.Advance(TimeSpan.FromSeconds(3));
        var idle = client.StreamTextAsync("hi", new HarborChatOptions { IdleTimeout = TimeSpan.FromSeconds(4) }).ToListAsync();
        _time.Advance(TimeSpan.FromSeconds(4));
        var total = client.GetResponseAsync("hi", new HarborChatOptions { TotalTimeout = TimeSpan.FromSeconds(5) });
        _time.Advance(TimeSpan.FromSeconds(5));

        (await ClockOf(first)).Should().Be(HarborClock.FirstUpdate);
        (await ClockOf(idle)).Should().Be(HarborClock.Idle);
        (await ClockOf(total)).Should().Be(HarborClock.Total);
    }

    [Fact]
    public async Task A_plain_call_that_sets_a_stream_clock_is_streamed_upstream()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("whole").ThenAnswer(["one ", "two"], reply => reply.SilentAfterUpdates(1));
        await using var client = TestClients.Fast(provider, _time);
        var options = new HarborChatOptions { IdleTimeout = TimeSpan.FromSeconds(2) };

        var answer = await client.GetResponseAsync("hi", options);
        var silent = client.GetResponseAsync("hi", options);
        _time.Advance(TimeSpan.FromSeconds(2));

        answer.Text.Should().Be("whole");
        provider.Attempts[0].IsStreaming.Should().BeTrue();
        (await ClockOf(silent)).Should().Be(HarborClock.Idle);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("openai/gpt-4o-mini", true)]
    [InlineData("openai/gpt-5-mini", false)]
    [InlineData("openai/o3", false)]
    public async Task With_reasoning_the_first_update_may_take_300_s(string model, bool asksForReasoning)
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer("never").SilentAfterUpdates(0));
        await using var client = TestClients.Balanced(provider, _time);
        var options = new ChatOptions { ModelId = model, Reasoning = asksForReasoning ? new ReasoningOptions { Effort = ReasoningEffort.High } : null };

        var pending = client.StreamTextAsync("hi", options).ToListAsync();
        _time.Advance(TimeSpan.FromSeconds(300) - TimeSpan.FromTicks(1));
        var wasPending = !pending.IsCompleted;
        _time.Advance(TimeSpan.FromTicks(1));

        wasPending.Should().BeTrue();
        (await ClockOf(pending)).Should().Be(HarborClock.FirstUpdate);
    }

    [Fact]
    public async Task With_reasoning_the_host_may_be_silent_for_300_s()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["one ", "two"], reply => reply.SilentAfterUpdates(1));
        await using var client = TestClients.Balanced(provider, _time);

        var pending = client.StreamTextAsync("hi", new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Low } }).ToListAsync();
        _time.Advance(TimeSpan.FromSeconds(300) - TimeSpan.FromTicks(1));
        var wasPending = !pending.IsCompleted;
        _time.Advance(TimeSpan.FromTicks(1));

        wasPending.Should().BeTrue();
        (await ClockOf(pending)).Should().Be(HarborClock.Idle);
    }

    [Fact]
    public async Task Infinite_clocks_never_run_out()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["one ", "two"], reply => reply
            .DelayBeforeHeaders(TimeSpan.FromDays(1)).DelayBetweenUpdates(TimeSpan.FromDays(2)));
        await using var client = TestClients.Balanced(provider, _time);
        var options = new HarborChatOptions
        {
            FirstUpdateTimeout = Timeout.InfiniteTimeSpan,
            IdleTimeout = Timeout.InfiniteTimeSpan,
            TotalTimeout = Timeout.InfiniteTimeSpan,
        };

        var pending = client.StreamTextAsync("hi", options).ToListAsync();
        _time.Advance(TimeSpan.FromDays(1));
        _time.Advance(TimeSpan.FromDays(2));

        (await pending.Guarded()).Should().Equal("one ", "two");
        _time.PendingTimers.Should().Be(0);
    }

    [Fact]
    public async Task An_infinite_Total_clock_holds_also_when_time_passes_while_the_call_is_set_up()
    {
        var time = new CreepingTime();
        var provider = new ProviderEmulator(time).ThenAnswer("fine");
        await using var client = TestClients.OpenAI(provider, time);

        var answer = await client.GetResponseAsync("hi", new HarborChatOptions { TotalTimeout = Timeout.InfiniteTimeSpan }).Guarded();

        answer.Text.Should().Be("fine");
    }

    [Fact]
    public async Task A_handler_that_could_not_connect_in_time_is_the_Connect_clock()
    {
        using var handler = new ThrowingHandler(new TaskCanceledException("slow", new TimeoutException("A connection could not be established within the configured ConnectTimeout.")));
        await using var client = TestClients.OpenAI(handler, _time);

        var act = () => client.GetResponseAsync("hi");

        var error = (await act.Should().ThrowAsync<HarborTimeoutException>()).Which;
        error.Clock.Should().Be(HarborClock.Connect);
        error.IsTransient.Should().BeTrue();
        error.Message.Should().Contain("ConnectTimeout").And.Contain("00:00:05");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task No_timer_is_left_when_a_call_has_ended()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("one two").ThenAnswer("three").Then(500);
        await using var client = TestClients.Balanced(provider, _time);

        await client.StreamTextAsync("hi").ToListAsync();
        await client.GetResponseAsync("hi");
        await FluentActions.Awaiting(() => client.GetResponseAsync("hi")).Should().ThrowAsync<HarborException>();

        _time.PendingTimers.Should().Be(0);
    }

    private static async Task<HarborClock?> ClockOf(Task call)
    {
        var error = (await call.Invoking(task => task.Guarded()).Should().ThrowAsync<HarborException>()).Which;
        return (error as HarborTimeoutException ?? error.InnerException as HarborTimeoutException)?.Clock;
    }

    // A millisecond passes between any two looks at the clock.
    private sealed class CreepingTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Add(ref _now, TimeSpan.TicksPerMillisecond);
    }

    private sealed class ThrowingHandler(Exception error) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromException<HttpResponseMessage>(error);
    }
}
