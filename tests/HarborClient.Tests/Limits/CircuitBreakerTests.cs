using HarborClient.Limits;
using HarborClient.Testing;

namespace HarborClient.Tests.Limits;

public sealed class CircuitBreakerTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void It_opens_at_the_ratio_and_not_below()
    {
        CircuitBreaker below = Create();
        CircuitBreaker at = Create();

        Report(below, failures: 4, successes: 6);
        Report(at, failures: 4, successes: 5);
        at.Failed(isProbe: false);

        below.State.Should().Be(CircuitState.Closed);
        below.OpenFor.Should().BeNull();
        at.State.Should().Be(CircuitState.Open);
        at.OpenFor.Should().Be(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Fewer_attempts_than_the_minimum_say_nothing()
    {
        CircuitBreaker breaker = Create();

        Report(breaker, failures: 9);

        breaker.State.Should().Be(CircuitState.Closed);
    }

    [Fact]
    public void The_window_slides()
    {
        CircuitBreaker forgotten = Create();
        CircuitBreaker remembered = Create();

        Report(forgotten, failures: 9);
        Report(remembered, failures: 9);
        _time.Advance(TimeSpan.FromSeconds(26));
        remembered.Failed(isProbe: false);
        _time.Advance(TimeSpan.FromSeconds(4));
        forgotten.Failed(isProbe: false);

        remembered.State.Should().Be(CircuitState.Open, "9 failures of 26 s ago lie in a window of 30 s");
        forgotten.State.Should().Be(CircuitState.Closed, "9 failures of 30 s ago do not");
    }

    [Fact]
    public void Successes_in_the_window_count_against_failures_and_leave_it_too()
    {
        CircuitBreaker breaker = Create();

        Report(breaker, successes: 30);
        Report(breaker, failures: 20);
        breaker.State.Should().Be(CircuitState.Closed);
        _time.Advance(TimeSpan.FromSeconds(30));
        Report(breaker, failures: 10);

        breaker.State.Should().Be(CircuitState.Open);
    }

    [Fact]
    public void It_lets_nobody_in_before_its_break_is_over()
    {
        CircuitBreaker breaker = Opened();

        _time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromMilliseconds(1));

        breaker.TryEnter(out _).Should().BeFalse();
        breaker.OpenFor.Should().Be(TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void Of_a_thousand_that_ask_at_once_exactly_one_probes()
    {
        CircuitBreaker breaker = Opened();
        _time.Advance(TimeSpan.FromSeconds(5));
        int entered = 0;
        int probes = 0;
        using var start = new Barrier(8);

        Thread[] threads = [.. Enumerable.Range(0, 8).Select(_ => new Thread(() =>
        {
            start.SignalAndWait();
            for (int i = 0; i < 125; i++)
            {
                if (breaker.TryEnter(out bool isProbe)) Interlocked.Increment(ref entered);
                if (isProbe) Interlocked.Increment(ref probes);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();

        entered.Should().Be(1);
        probes.Should().Be(1);
        breaker.State.Should().Be(CircuitState.HalfOpen);
    }

    [Fact]
    public void It_closes_after_two_probes_in_a_row_that_succeed()
    {
        CircuitBreaker breaker = Opened();
        _time.Advance(TimeSpan.FromSeconds(5));

        Probe(breaker).Succeeded(isProbe: true);
        breaker.State.Should().Be(CircuitState.HalfOpen);
        Probe(breaker).Succeeded(isProbe: true);

        breaker.State.Should().Be(CircuitState.Closed);
        breaker.TryEnter(out bool isProbe).Should().BeTrue();
        isProbe.Should().BeFalse();
    }

    [Fact]
    public void A_failure_between_two_probes_begins_the_row_anew()
    {
        CircuitBreaker breaker = Opened();
        _time.Advance(TimeSpan.FromSeconds(5));

        Probe(breaker).Succeeded(isProbe: true);
        Probe(breaker).Failed(isProbe: true);
        breaker.State.Should().Be(CircuitState.Open);
        _time.Advance(TimeSpan.FromSeconds(5));
        Probe(breaker).Succeeded(isProbe: true);

        breaker.State.Should().Be(CircuitState.HalfOpen);
    }

    [Fact]
    public void What_was_counted_before_it_opened_is_forgotten_when_it_closes()
    {
        CircuitBreaker breaker = Opened();
        _time.Advance(TimeSpan.FromSeconds(5));
        Probe(breaker).Succeeded(isProbe: true);
        Probe(breaker).Succeeded(isProbe: true);

        Report(breaker, failures: 9);

        breaker.State.Should().Be(CircuitState.Closed);
    }

    [Fact]
    public void A_probe_that_says_nothing_gives_its_place_to_the_next()
    {
        CircuitBreaker breaker = Opened();
        _time.Advance(TimeSpan.FromSeconds(5));

        Probe(breaker).Released(isProbe: true);

        breaker.OpenFor.Should().Be(TimeSpan.Zero);
        Probe(breaker).Succeeded(isProbe: true);
    }

    [Fact]
    public void While_a_probe_is_out_nobody_may_enter_and_there_is_nothing_to_wait_for_but_its_result()
    {
        CircuitBreaker breaker = Opened();
        breaker.MayEnter.Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(5));
        breaker.MayEnter.Should().BeTrue();

        Probe(breaker);

        breaker.MayEnter.Should().BeFalse();
        breaker.OpenFor.Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public void A_probe_that_never_ends_locks_nobody_out_for_ever()
    {
        CircuitBreaker breaker = Opened();
        _time.Advance(TimeSpan.FromSeconds(5));
        Probe(breaker);

        _time.Advance(TimeSpan.FromSeconds(59));
        breaker.TryEnter(out _).Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));

        Probe(breaker).Succeeded(isProbe: true);
    }

    [Fact]
    public void Attempts_from_before_it_opened_count_neither_while_it_is_open_nor_half_open()
    {
        CircuitBreaker breaker = Opened();

        Report(breaker, failures: 50, successes: 50);
        breaker.OpenFor.Should().Be(TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(5));
        Probe(breaker);
        Report(breaker, failures: 50, successes: 50);

        breaker.State.Should().Be(CircuitState.HalfOpen);
        breaker.TryEnter(out _).Should().BeFalse("the probe is still out");
    }

    [Fact]
    public void A_minute_of_outage_is_found_over_within_five_seconds_and_few_probes()
    {
        CircuitBreaker breaker = Create();
        TimeSpan step = TimeSpan.FromMilliseconds(100);
        TimeSpan? closed = null;
        int probes = 0;

        // Ten calls a second; the host is away for the first minute.
        for (TimeSpan at = TimeSpan.Zero; at < TimeSpan.FromSeconds(90) && closed is null; at += step)
        {
            if (breaker.TryEnter(out bool isProbe))
            {
                if (isProbe) probes++;
                if (at < TimeSpan.FromSeconds(60)) breaker.Failed(isProbe);
                else breaker.Succeeded(isProbe);
            }

            if (at >= TimeSpan.FromSeconds(60) && breaker.State == CircuitState.Closed) closed = at;
            _time.Advance(step);
        }

        closed.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(60)).And.BeLessThan(TimeSpan.FromSeconds(65.2));
        probes.Should().BeLessThanOrEqualTo(14, "one every five seconds, and two to close");
    }

    [Fact]
    public void A_host_that_stays_away_is_asked_ever_less_often_but_not_less_than_the_longest_break()
    {
        CircuitBreaker breaker = Opened();
        var breaks = new List<double>();

        for (int i = 0; i < 80; i++)
        {
            TimeSpan wait = breaker.OpenFor!.Value;
            breaks.Add(wait.TotalSeconds);
            _time.Advance(wait);
            Probe(breaker).Failed(isProbe: true);
        }

        breaks.Should().BeInAscendingOrder();
        breaks[0].Should().Be(5);
        breaks[^1].Should().Be(60);
    }

    [Fact]
    public void While_closed_it_allocates_nothing()
    {
        CircuitBreaker breaker = Create();
        breaker.TryEnter(out _);
        breaker.Succeeded(isProbe: false);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            breaker.TryEnter(out bool isProbe);
            breaker.Succeeded(isProbe);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    private static void Report(CircuitBreaker breaker, int failures = 0, int successes = 0)
    {
        for (int i = 0; i < successes; i++) breaker.Succeeded(isProbe: false);
        for (int i = 0; i < failures; i++) breaker.Failed(isProbe: false);
    }

    private static CircuitBreaker Probe(CircuitBreaker breaker)
    {
        breaker.TryEnter(out bool isProbe).Should().BeTrue();
        isProbe.Should().BeTrue();
        return breaker;
    }

    private CircuitBreaker Create() => new(new CircuitBreakerOptions(), _time);

    private CircuitBreaker Opened()
    {
        CircuitBreaker breaker = Create();
        Report(breaker, failures: 10);
        breaker.State.Should().Be(CircuitState.Open);
        return breaker;
    }
}
