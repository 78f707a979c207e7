using HarborClient.Limits;

namespace HarborClient.Tests.Limits;

// Requests that ask for more tokens than a minute holds: they go alone, and nobody waits for them for longer than hosts count.
public sealed class TokenDebtTests
{
    private readonly SimulatedTime _time = new();

    [Fact]
    public void A_call_that_failed_after_asking_for_many_minutes_of_tokens_blocks_others_for_two_minutes_at_most()
    {
        var limiter = new RouteLimiter("host/model", new LimitOptions { TokensPerMinute = 30_000 }, _time, () => 0.5);
        limiter.TryEnter(Of(1_000, 1_000_000), out Permit permit).Should().BeTrue();
        limiter.Exit(ref permit, null, null);

        _time.Now += 130;

        limiter.TryEnter(Of(1_000, 1_000), out _).Should().BeTrue();
    }

    [Fact]
    public void A_host_that_claims_an_absurd_limit_is_asked_again_within_two_minutes()
    {
        var limiter = new RouteLimiter("host/model", new LimitOptions(), _time, () => 0.5);
        limiter.OnRateLimits(new RateLimitFacts(default, new RateFact(1, 1), default, default));
        limiter.TryEnter(Of(2_000, 0), out Permit permit).Should().BeTrue();
        limiter.Exit(ref permit, 2_000, 500);

        _time.Now += 130;

        limiter.TryEnter(Of(2_000, 0), out _).Should().BeTrue();
    }

    private static Admission Of(long input, long output) => new(CallPriority.Normal, null, input, output, Timeout.InfiniteTimeSpan);
}
