using HarborClient.Limits;

namespace HarborClient.Tests.Limits;

internal sealed class LimiterThrottle(LimitOptions options, TimeProvider time, int seed) : IThrottle
{
    public RouteLimiter Limiter { get; } = new("host/model", options, time, new Random(seed).NextDouble);

    public double Limit => Limiter.Limit;

    public bool HoldsWhileBackingOff => false;

    public bool TryEnter(SimulatedRequest request)
    {
        long input = (long)(request.InputTokens * request.EstimateFactor);
        long output = (long)(request.OutputTokens * request.EstimateFactor);
        return Limiter.TryEnter(new Admission(CallPriority.Normal, null, input, output, Timeout.InfiniteTimeSpan), out request.Permit);
    }

    public void OnFirstUpdate(SimulatedRequest request, RateLimitFacts facts)
    {
        Limiter.OnAccepted(ref request.Permit);
        Limiter.OnRateLimits(facts);
        Limiter.OnFirstUpdate(ref request.Permit, request.InputTokens, isStreamed: true);
    }

    public void OnRejected(SimulatedRequest request, RejectClass rejectClass, TimeSpan? retryAfter, RateLimitFacts facts)
    {
        Limiter.OnRateLimits(facts);
        Limiter.OnRejected(ref request.Permit, rejectClass, retryAfter);
    }

    public void OnFailed(SimulatedRequest request) => Limiter.OnFailed(ref request.Permit);

    public void Exit(SimulatedRequest request, bool isWhole) => Limiter.Exit(ref request.Permit, isWhole ? request.InputTokens : null, isWhole ? request.OutputTokens : null);
}
