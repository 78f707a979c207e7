using HarborClient.Errors;
using HarborClient.Routing;

namespace HarborClient.Pipeline.Stages;

/// <summary>What is done about an attempt that failed, at the same target.</summary>
/// <param name="Kind">A retry, or the next key.</param>
/// <param name="Wait">How long before.</param>
/// <param name="Route">The key to use; null for any.</param>
/// <param name="Reason">Why, for the decision record.</param>
internal readonly record struct RetryPlan(DecisionKind Kind, TimeSpan Wait, Route? Route, string Reason)
{
    /// <summary>What to do about a failure; null when this target is not asked again: it is the next one's turn, or the caller's.</summary>
    internal static RetryPlan? For(Call attempt, HarborException error, int tries)
    {
        Call root = attempt.Parent!;
        TargetHealth health = attempt.Target!.Health;
        if (root.IsPastDeadline || error is HarborTimeoutException { Clock: HarborClock.Total } || health.Retry.MaximumAttempts == 1) return null;
        RetryPlan? plan = IsTheKeys(error) && attempt.Route is { } used && health.PickRoute(not: used) is { } other
            ? new RetryPlan(DecisionKind.KeyRotation, TimeSpan.Zero, other, $"another key is left after {error.Kind}")
            : WaitFor(root, health, error, tries);
        if (plan is not { } chosen || chosen.Wait >= root.Remaining) return null;
        return root.TryTakeExtraAttempt(health.Retry.MaximumAttempts - 1) && (chosen.Route ?? attempt.Route ?? health.Routes[0]).Budget.TryTake() ? plan : null;
    }

    /// <summary>Errors of one key, which another need not have.</summary>
    private static bool IsTheKeys(HarborException error) => error.Kind is ErrorKind.RateLimited or ErrorKind.QuotaExhausted or ErrorKind.Authentication;

    private static RetryPlan? WaitFor(Call root, TargetHealth health, HarborException error, int tries)
    {
        if (!error.IsTransient || error.Kind is ErrorKind.QuotaExhausted or ErrorKind.NoPermit) return null;
        bool isLast = !root.HasOtherReady() && NextRound.TargetOf(root) is null;

        // A host that asks for no wait at all (or for a time that has passed) has said nothing: it is not asked again at once, over and over.
        if (error.RetryAfter is { } asked && asked > TimeSpan.Zero && error.Kind is not ErrorKind.Timeout)
        {
            if (asked > health.Retry.MaximumRetryAfter && !isLast) return null;

            // Everybody was told the same; a tenth more, at random, keeps them from coming back together.
            return new RetryPlan(DecisionKind.Retry, asked * (1 + (0.1 * root.Services.Random.NextDouble())), null, $"{error.Kind}: the host asks to come back after {asked.TotalSeconds:0.###} s");
        }

        bool isHiccup = error.Kind is ErrorKind.Provider or ErrorKind.Network or ErrorKind.Interrupted or ErrorKind.Conflict;
        if (!isLast && !(isHiccup && tries == 1)) return null;
        return new RetryPlan(DecisionKind.Retry, BackOff(health.Retry, tries, root.Services.Random.NextDouble()), null, $"{error.Kind}: {(isHiccup && tries == 1 ? "it may have been a hiccup" : "there is no other target")}");
    }

    /// <summary>Full jitter: evenly between nothing and base · 2^(tries - 1), at most the maximum. (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015.)</summary>
    internal static TimeSpan BackOff(RetryOptions options, int tries, double random)
    {
        double ceiling = Math.Min(options.BaseDelay.TotalSeconds * Math.Pow(2, tries - 1), options.MaximumDelay.TotalSeconds);
        return TimeSpan.FromSeconds(ceiling * random);
    }
}
