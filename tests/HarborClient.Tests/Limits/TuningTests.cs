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

    private static void Answer(Tuner tuner, double from, int count, double seconds)
    {
        for (int i = 0; i < count; i++)
        {
            tuner.OnFirstUpdate(seconds);
            tuner.OnEnd(from + (i * 0.5), isError: false);
        }
    }
}
