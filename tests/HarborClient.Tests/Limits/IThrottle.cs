using HarborClient.Limits;

namespace HarborClient.Tests.Limits;

// What decides how many requests go out: the limiter, or what people use in its place.
internal interface IThrottle
{
    double Limit { get; }

    // Whether a refused request keeps its permit while it backs off, as a retry inside a limiter does.
    bool HoldsWhileBackingOff { get; }

    bool TryEnter(SimulatedRequest request);

    void OnFirstUpdate(SimulatedRequest request, RateLimitFacts facts);

    void OnRejected(SimulatedRequest request, RejectClass rejectClass, TimeSpan? retryAfter, RateLimitFacts facts);

    void OnFailed(SimulatedRequest request);

    void Exit(SimulatedRequest request, bool isWhole);
}
