using HarborClient.Limits;

namespace HarborClient.Routing;

/// <summary>A target that is asked besides, by its share of an alias's calls. Immutable.</summary>
/// <param name="Target">The target; its breaker is the shadow's own.</param>
/// <param name="Share">Its share of the calls.</param>
/// <param name="CallersBreaker">That of calls which ask the target for an answer: theirs are the probes while it is not closed.</param>
internal sealed record ShadowTarget(Target Target, double Share, CircuitBreaker CallersBreaker)
{
    // Another lot than the same target's as a variant that answers: whose calls the one gets need not be whose the other gets.
    private readonly ulong _lot = StableHash.Of("shadow " + Target.Name);

    /// <summary>Whether it can be asked now, as far as its host's failures and wishes go.</summary>
    internal bool IsReady => CallersBreaker.State == CircuitState.Closed && Target.Health.Breaker.MayEnter;

    /// <summary>Whether a call is one of its share.</summary>
    /// <param name="key">Whose call it is, where that decides; null draws.</param>
    /// <param name="random">Draws from 0 to below 1.</param>
    internal bool IsDrawn(string? key, Func<double> random) =>
        Share >= 1 || (Share > 0 && (string.IsNullOrEmpty(key) ? random() : StableHash.Between(StableHash.Of(key), _lot)) < Share);
}
