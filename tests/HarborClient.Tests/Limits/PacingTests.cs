using HarborClient.Limits;

namespace HarborClient.Tests.Limits;

// Requests and tokens a minute, against a host that counts any minute.
public sealed class PacingTests
{
    private const double Seconds = 600;

    // 150,000 tokens are about 55 of these requests, 400,000 about 150.
    [Theory]
    [InlineData(60, 400_000, true)]
    [InlineData(60, 400_000, false)]
    [InlineData(1_000, 150_000, true)]
    [InlineData(1_000, 150_000, false)]
    public void Sixty_requests_or_so_many_tokens_in_any_minute_are_used_and_not_exceeded(int requests, long tokens, bool isToldByHeaders)
    {
        double[] refused = new double[Scenarios.Seeds];
        double[] used = new double[Scenarios.Seeds];
        for (int seed = 0; seed < Scenarios.Seeds; seed++)
        {
            var options = new LimitOptions();
            if (!isToldByHeaders) (options.RequestsPerMinute, options.TokensPerMinute) = (requests, tokens);
            var simulation = new Simulation(new SimulatedHost.AnyMinute(requests, tokens, isToldByHeaders), seed) { MedianInputTokens = 2000 };
            SimulationRecord run = simulation.Run(Seconds, new LimiterThrottle(options, simulation.Time, seed));
            refused[seed] = run.RefusedPercent(0, Seconds);
            used[seed] = Math.Max(run.AnsweredPerSecond(0, Seconds) * 60 / requests, run.TokensPerSecond(0, Seconds) * 60 / tokens);
        }

        TestReport.Add($"paced, {requests} requests and {tokens} tokens in any minute, {(isToldByHeaders ? "told by headers" : "configured")}: refused at most {refused.Max():0.00} %, used at least {used.Min():P1}");
        refused.Max().Should().BeLessThan(1);
        used.Min().Should().BeGreaterThan(0.95);
    }

    [Fact]
    public void A_burst_may_use_the_whole_minute_and_does_not_come_back_every_minute()
    {
        var time = new SimulatedTime();
        var limiter = new RouteLimiter("host/model", new LimitOptions { RequestsPerMinute = 60 }, time, () => 0.5);
        List<double> sent = [];
        for (; time.Now < 300; time.Now += 0.1)
        {
            while (limiter.TryEnter(new Admission(CallPriority.Normal, null, 0, 0, Timeout.InfiniteTimeSpan), out Permit permit))
            {
                sent.Add(time.Now);
                limiter.Exit(ref permit, null, null);
            }
        }

        sent.Count(at => at == 0).Should().BeGreaterThanOrEqualTo(59);
        sent.Max(start => sent.Count(at => at >= start && at < start + 60)).Should().BeLessThanOrEqualTo(60);
        sent.Where(at => at > 130).Zip(sent.Where(at => at > 130).Skip(1), (before, after) => after - before).Max().Should().BeLessThan(6, "no more than five seconds of the burst come back every minute");
    }

    [Fact]
    public void An_estimate_that_was_too_high_is_given_back()
    {
        var time = new SimulatedTime();
        var limiter = new RouteLimiter("host/model", new LimitOptions { TokensPerMinute = 1000 }, time, () => 0.5);
        var large = new Admission(CallPriority.Normal, null, 900, 50, Timeout.InfiniteTimeSpan);

        limiter.TryEnter(large, out Permit first).Should().BeTrue();
        limiter.TryEnter(large, out _).Should().BeFalse();
        limiter.Exit(ref first, 20, 10);

        limiter.TryEnter(large, out _).Should().BeTrue();
    }

    [Fact]
    public void Input_and_output_tokens_have_limits_of_their_own_where_the_host_says_so()
    {
        var time = new SimulatedTime();
        var limiter = new RouteLimiter("claude/model", new LimitOptions(), time, () => 0.5);
        limiter.OnRateLimits(new RateLimitFacts(default, default, new RateFact(100_000, 100_000), new RateFact(1_000, 1_000)));

        limiter.TryEnter(new Admission(CallPriority.Normal, null, 50_000, 900, Timeout.InfiniteTimeSpan), out _).Should().BeTrue();
        limiter.TryEnter(new Admission(CallPriority.Normal, null, 10, 900, Timeout.InfiniteTimeSpan), out _).Should().BeFalse("the output of the minute is used up");
        limiter.TryEnter(new Admission(CallPriority.Normal, null, 10, 10, Timeout.InfiniteTimeSpan), out _).Should().BeTrue();
    }

    [Fact]
    public void A_request_that_is_larger_than_the_limit_goes_alone()
    {
        var time = new SimulatedTime();
        var limiter = new RouteLimiter("host/model", new LimitOptions { TokensPerMinute = 1000 }, time, () => 0.5);
        var huge = new Admission(CallPriority.Normal, null, 50_000, 0, Timeout.InfiniteTimeSpan);

        limiter.TryEnter(huge, out _).Should().BeTrue();
        limiter.TryEnter(huge, out _).Should().BeFalse();
    }

    [Fact]
    public void What_a_host_asks_for_is_waited_for_ten_minutes_at_most()
    {
        var time = new SimulatedTime();
        var limiter = new RouteLimiter("host/model", new LimitOptions { RequestsPerMinute = 600 }, time, () => 0);
        var small = new Admission(CallPriority.Normal, null, 1, 1, Timeout.InfiniteTimeSpan);
        limiter.TryEnter(small, out Permit permit).Should().BeTrue();
        limiter.OnRejected(ref permit, RejectClass.Rate, TimeSpan.FromDays(30));
        limiter.Exit(ref permit, null, null);

        time.Now = 599;
        limiter.TryEnter(small, out _).Should().BeFalse();
        time.Now = 601;
        limiter.TryEnter(small, out _).Should().BeTrue();
    }
}
