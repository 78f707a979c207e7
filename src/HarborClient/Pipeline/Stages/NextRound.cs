using HarborClient.Errors;
using HarborClient.Routing;
using HarborClient.Telemetry;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// Asks a target again after others have failed too, or are left alone: what failed in passing may be well again while the others are down. Paid for like
/// any other extra attempt.
/// </summary>
internal static class NextRound
{
    /// <summary>
    /// The target to go back to: not the latest, failed in passing, can be asked, and was asked no more often than the latest, so that the call does not
    /// leave one that may have hiccuped for one that keeps failing. Null for none.
    /// </summary>
    internal static Target? TargetOf(Call call)
    {
        if (call.LatestTarget is not { } latest) return null;
        Target? chosen = null;
        int least = call.TimesAsked(latest) + 1;
        foreach (Target target in call.Candidates)
        {
            if (ReferenceEquals(target, latest) || call.TimesAsked(target) is not (> 0 and var times) || times >= least) continue;
            if (!target.Health.IsReady || !IsInPassing(call.LatestErrorOf(target))) continue;
            chosen = target;
            least = times;
        }

        return chosen;
    }

    /// <summary>Begins an attempt at that target after a back-off; null where there is none, or none is left to be made.</summary>
    internal static async ValueTask<Call?> TryBeginAsync(Call call, HarborException failure)
    {
        // What is wrong with the request is wrong in the next round too.
        if (failure.Kind is ErrorKind.ContextTooLong or ErrorKind.ContentFiltered or ErrorKind.InvalidRequest or ErrorKind.Budget || TargetOf(call) is not { } target) return null;
        RetryOptions retry = target.Health.Retry;
        TimeSpan wait = RetryPlan.BackOff(retry, call.TimesAsked(target), call.Services.Random.NextDouble());
        if (wait >= call.Remaining || !call.TryTakeExtraAttempt(retry.MaximumAttempts - 1) || !target.Health.Routes[0].Budget.TryTake()) return null;
        HarborException earlier = call.LatestErrorOf(target)!;
        Log.Retried(call.Services.Logger, target.Name, earlier.Kind, wait, earlier.Message);
        call.Decide(DecisionKind.Retry, target, $"{earlier.Kind}: it may have been a hiccup, and nobody else can be asked", wait, failure);
        await call.PauseAsync(wait).ConfigureAwait(false);
        return call.TryBeginAttempt(target);
    }

    /// <summary>A silent host is not asked again as long as there is another.</summary>
    private static bool IsInPassing(HarborException? error) => error is
    {
        IsTransient: true,
        Kind: ErrorKind.RateLimited or ErrorKind.Overloaded or ErrorKind.Network or ErrorKind.Interrupted or ErrorKind.Provider,
    };
}
