using HarborClient.Limits;

namespace HarborClient.Tests.Limits;

// Targets move the limit and the micro-batch together.
public sealed class TuningTests
{
    [Fact]
    public void Without_a_target_nothing_is_tuned()
    {
        new LimiterFixture(new LimitOptions()).Limiter.SuggestedBatch.Should().BeNull();
    }

    [Fact]
    public void A_latency_above_its_target_lowers_both_and_below_it_raises_both()
    {
        var tuner = new Tuner(new TuningOptions { TargetLatency = TimeSpan.FromSeconds(1), MinimumBatch = 1, MaximumBatch = 101 }, 1, 201, 101);
        (double InFlight, int Batch) before = (tuner.MostInFlight, tuner.Batch);

        Answer(tuner, from: 0, count: 20, seconds: 2);
        (double InFlight, int Batch) slow = (tuner.MostInFlight, tuner.Batch);
        Answer(tuner, from: 10, count: 200, seconds: 0.5);

        before.Should().Be((101, 51));
        slow.Should().Be((81, 41));
        tuner.MostInFlight.Should().BeGreaterThan(slow.InFlight);
        tuner.Batch.Should().BeGreaterThan(slow.Batch);
    }

    [Fact]
    public void An_error_rate_above_its_target_lowers_both()
    {
        var tuner = new Tuner(new TuningOptions { TargetErrorRate = 0.1, MaximumBatch = 101 }, 1, 201, 101);

        for (int i = 0; i < 20; i++) tuner.OnEnd(i, isError: i % 4 == 0);

        tuner.MostInFlight.Should().BeLessThan(101);
        tuner.Batch.Should().BeLessThan(51);
    }

    [Fact]
    public void A_limiter_with_a_target_lets_no_more_in_than_the_target_allows()
    {
        var fixture = new LimiterFixture(new LimitOptions { MaximumInFlight = 100, InitialInFlight = 100, Tuning = { TargetLatency = TimeSpan.FromMilliseconds(100) } });
        int? batch = fixture.Limiter.SuggestedBatch;

        for (int i = 0; i < 60; i++)
        {
            fixture.Limiter.TryEnter(LimiterFixture.Normal, out Permit permit).Should().BeTrue();
            fixture.Time.Advance(TimeSpan.FromSeconds(1));
            fixture.Limiter.OnFirstUpdate(ref permit, 10, isStreamed: true);
            fixture.Limiter.Exit(ref permit, null, null);
        }

        fixture.Limiter.Limit.Should().BeLessThan(50);
        fixture.Limiter.SuggestedBatch.Should().BeLessThan(batch!.Value / 2);
    }

    [Theory]
    [InlineData(0.001, 1, 1)]
    [InlineData(60, 200, 128)]
    public void Both_stop_at_their_bounds(double targetSeconds, double inFlight, int batch)
    {
        var tuner = new Tuner(new TuningOptions { TargetLatency = TimeSpan.FromSeconds(targetSeconds) }, 1, 200, 100);

        Answer(tuner, from: 0, count: 10_000, seconds: 1);

        tuner.MostInFlight.Should().BeApproximately(inFlight, 0.01);
        tuner.Batch.Should().Be(batch);
    }

    [Fact]
    public void Between_nine_tenths_of_a_target_and_the_target_both_stay()
    {
        var tuner = new Tuner(new TuningOptions { TargetLatency = TimeSpan.FromSeconds(1) }, 1, 201, 101);

        Answer(tuner, from: 0, count: 200, seconds: 0.95);

        tuner.MostInFlight.Should().Be(101);
    }

    [Fact]
    public void A_target_that_is_always_missed_leaves_the_minimum()
    {
        var fixture = new LimiterFixture(new LimitOptions { MinimumInFlight = 5, MaximumInFlight = 100, InitialInFlight = 100, Tuning = { TargetLatency = TimeSpan.FromMilliseconds(1) } });

        for (int i = 0; i < 500; i++)
        {
            fixture.Limiter.TryEnter(LimiterFixture.Normal, out Permit permit).Should().BeTrue();
            fixture.Time.Advance(TimeSpan.FromSeconds(1));
            fixture.Limiter.OnFirstUpdate(ref permit, 10, isStreamed: true);
            fixture.Limiter.Exit(ref permit, null, null);
        }

        Math.Floor(fixture.Limiter.Limit).Should().Be(5);
    }

    [Fact]
    public void More_failures_than_a_tenth_lower_the_limit_by_a_tenth_and_a_tenth_does_not()
    {
        var limit = new ConcurrencyLimit(new LimitOptions { InitialInFlight = 100 }, () => 0.5);
        for (int i = 1; i <= 18; i++) limit.OnOutcome(i, i, isFailure: false, 100);
        for (int i = 19; i <= 20; i++) limit.OnOutcome(i, i, isFailure: true, 100);
        double atATenth = limit.Limit;

        limit.OnOutcome(21, 21, isFailure: true, 100);
        double above = limit.Limit;
        for (int i = 22; i <= 60; i++) limit.OnOutcome(i, 20, isFailure: true, 100);

        atATenth.Should().Be(100);
        above.Should().Be(90);
        limit.Limit.Should().Be(90, "requests that were sent before say nothing new");
    }

    [Fact]
    public void A_few_failures_say_nothing_while_little_is_known()
    {
        var limit = new ConcurrencyLimit(new LimitOptions { InitialInFlight = 100 }, () => 0.5);

        for (int i = 1; i <= 19; i++) limit.OnOutcome(i, i, isFailure: true, 100);

        limit.Limit.Should().Be(100);
    }

    [Fact]
    public void A_limit_never_falls_below_its_minimum()
    {
        var limit = new ConcurrencyLimit(new LimitOptions { MinimumInFlight = 4, InitialInFlight = 5 }, () => 0.5);

        for (int i = 1; i <= 500; i++)
        {
            limit.OnOutcome(i, i, isFailure: true, 5);
            limit.OnRejected(i, i, accepted: 0, young: 0, inFlight: 5, retryAfter: null);
        }

        limit.Limit.Should().Be(4);
    }

    private static void Answer(Tuner tuner, double from, int count, double seconds)
    {
        for (int i = 0; i < count; i++)
        {
            tuner.OnFirstUpdate(seconds);
            tuner.OnEnd(from + (i * 0.5), isError: false);
        }
    }
}
