using HarborClient.Testing;

namespace HarborClient.Tests.Emulator;

public sealed class ManualTimeProviderTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Timers_fire_in_due_order_with_the_clock_at_their_due_time()
    {
        var fired = new List<(string Name, TimeSpan At)>();
        using var late = Once("late", Seconds(3), fired);
        using var early = Once("early", Seconds(1), fired);
        using var middle = Once("middle", Seconds(2), fired);

        _time.Advance(Seconds(10));

        fired.Should().Equal(("early", Seconds(1)), ("middle", Seconds(2)), ("late", Seconds(3)));
        _time.GetUtcNow().Should().Be(Start + Seconds(10));
        _time.GetElapsedTime(0).Should().Be(Seconds(10));
    }

    [Fact]
    public void Timers_due_at_the_same_time_fire_in_the_order_they_were_set()
    {
        var fired = new List<(string Name, TimeSpan At)>();
        using var first = Once("first", Seconds(1), fired);
        using var second = Once("second", Seconds(1), fired);

        _time.Advance(Seconds(1));

        fired.Select(timer => timer.Name).Should().Equal("first", "second");
    }

    [Fact]
    public void A_callback_that_re_arms_within_the_span_fires_again_inside_the_same_advance()
    {
        var fired = new List<TimeSpan>();
        ITimer? timer = null;
        timer = _time.CreateTimer(
            _ =>
            {
                fired.Add(_time.GetElapsedTime(0));
                timer!.Change(Seconds(2), Timeout.InfiniteTimeSpan);
            },
            null, Seconds(2), Timeout.InfiniteTimeSpan);

        _time.Advance(Seconds(7));

        fired.Should().Equal(Seconds(2), Seconds(4), Seconds(6));
        timer.Dispose();
    }

    [Fact]
    public void A_periodic_timer_fires_every_period_until_disposed()
    {
        var fired = new List<TimeSpan>();
        var timer = _time.CreateTimer(_ => fired.Add(_time.GetElapsedTime(0)), null, Seconds(1), Seconds(5));

        _time.Advance(Seconds(12));
        timer.Dispose();
        _time.Advance(Seconds(12));

        fired.Should().Equal(Seconds(1), Seconds(6), Seconds(11));
        _time.PendingTimers.Should().Be(0);
    }

    [Fact]
    public async Task An_awaited_delay_loop_runs_to_its_end_inside_one_advance()
    {
        var loops = 0;
        var loop = CountAsync();

        _time.Advance(Seconds(3));

        loops.Should().Be(3);
        await loop;

        async Task CountAsync()
        {
            for (; loops < 3; loops++)
            {
                await Task.Delay(Seconds(1), _time).ConfigureAwait(false);
            }
        }
    }

    [Fact]
    public void The_wall_clock_can_jump_while_timestamps_and_timers_stay()
    {
        var fired = new List<(string Name, TimeSpan At)>();
        using var timer = Once("timer", Seconds(5), fired);

        _time.SetUtcNow(Start - TimeSpan.FromDays(1));
        _time.Advance(Seconds(4));

        _time.GetUtcNow().Should().Be(Start - TimeSpan.FromDays(1) + Seconds(4));
        _time.GetElapsedTime(0).Should().Be(Seconds(4));
        fired.Should().BeEmpty();
        _time.PendingDues.Should().Equal(Seconds(1));
    }

    [Fact]
    public async Task TimerSet_sees_a_timer_that_exists_and_one_that_comes_later()
    {
        using var existing = _time.CreateTimer(_ => { }, null, Seconds(3), Timeout.InfiniteTimeSpan);
        _time.Advance(Seconds(1));
        await _time.TimerSet(Seconds(3));

        var later = _time.TimerSet(Seconds(7));
        later.IsCompleted.Should().BeFalse();
        existing.Change(Seconds(7), Timeout.InfiniteTimeSpan);

        await later;
        _time.PendingDues.Should().Equal(Seconds(7));
    }

    [Fact]
    public async Task A_timer_set_for_zero_fires_without_an_advance()
    {
        var fired = new TaskCompletionSource();
        using var timer = _time.CreateTimer(_ => fired.SetResult(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);

        await fired.Task.WaitAsync(Seconds(10));

        _time.PendingTimers.Should().Be(0);
    }

    [Fact]
    public void A_disposed_timer_cannot_be_set_again()
    {
        var timer = _time.CreateTimer(_ => { }, null, Seconds(1), Timeout.InfiniteTimeSpan);
        timer.Dispose();

        timer.Change(Seconds(1), Timeout.InfiniteTimeSpan).Should().BeFalse();
        _time.PendingTimers.Should().Be(0);
    }

    [Fact]
    public void A_callback_sees_the_execution_context_that_set_its_timer()
    {
        var ambient = new AsyncLocal<string> { Value = "at creation" };
        string? seen = null;
        using var timer = _time.CreateTimer(_ => seen = ambient.Value, null, Seconds(1), Timeout.InfiniteTimeSpan);
        ambient.Value = "at advance";

        _time.Advance(Seconds(1));

        seen.Should().Be("at creation");
    }

    [Fact]
    public async Task Time_advances_from_timer_to_timer_until_a_task_has_ended()
    {
        async Task<TimeSpan> WaitAsync()
        {
            await Task.Delay(Seconds(1), _time);
            await Task.Run(() => { });
            await Task.Delay(Seconds(300), _time);
            return _time.GetElapsedTime(0);
        }

        using var deadline = _time.CreateTimer(_ => { }, null, Seconds(600), Timeout.InfiniteTimeSpan);
        Task<TimeSpan> waiting = WaitAsync();
        await _time.AdvanceUntil(waiting);

        (await waiting).Should().Be(Seconds(301));
        _time.GetElapsedTime(0).Should().Be(Seconds(301), "time stands at the timer that ended the task");
    }

    [Fact]
    public async Task A_task_that_fails_ends_the_advance_and_throws_where_it_is_awaited()
    {
        Task failing = Task.Delay(Seconds(2), _time).ContinueWith(_ => throw new InvalidOperationException("no"), TaskScheduler.Default);

        await _time.AdvanceUntil(failing);

        await failing.Invoking(task => task).Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task An_advance_that_would_pass_its_limit_says_so_and_stops_before()
    {
        Task late = Task.Delay(Seconds(10), _time);

        await _time.Invoking(time => time.AdvanceUntil(late, Seconds(9))).Should().ThrowAsync<TimeoutException>();

        _time.GetElapsedTime(0).Should().BeLessThan(Seconds(10));
        late.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task A_task_that_waits_for_something_else_is_waited_for()
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        Task advance = _time.AdvanceUntil(signal.Task);
        signal.SetResult();
        await advance.WaitAsync(Seconds(10));

        _time.GetElapsedTime(0).Should().Be(TimeSpan.Zero);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private ITimer Once(string name, TimeSpan due, List<(string Name, TimeSpan At)> fired)
        => _time.CreateTimer(_ => fired.Add((name, _time.GetElapsedTime(0))), null, due, Timeout.InfiniteTimeSpan);
}
