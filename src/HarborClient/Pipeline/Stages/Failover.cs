using System.Runtime.ExceptionServices;
using HarborClient.Errors;
using HarborClient.Routing;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>The rules of <see cref="FailoverStage"/>: who may be asked, who comes next, and when a failure is the end.</summary>
internal static class Failover
{
    /// <summary>Where a probe of somebody else's is on its way, its result is waited for in steps of this.</summary>
    private static readonly TimeSpan ProbeWait = TimeSpan.FromSeconds(1);

    /// <summary>The targets that a call may go to: permitted, and those of one provider only where the call holds something that only this provider has.</summary>
    internal static IReadOnlyList<Target> CandidatesOf(Call call)
    {
        IReadOnlyList<Target> targets = call.Settings.Permitted(call.Targets, call.RequestedModel);
        if (targets.Count == 1 || PinOf(call) is not { } pin) return targets;
        string provider = targets[0].Provider;
        Target[] pinned = [.. targets.Where(target => target.Provider == provider)];
        if (pinned.Length == targets.Count) return targets;
        foreach (Target target in targets)
        {
            if (target.Provider != provider) call.Decide(DecisionKind.Exclusion, target, $"{pin} means something at {provider} only");
        }

        return pinned;
    }

    /// <summary>Begins an attempt at the first target that has not been asked and is not left alone.</summary>
    internal static Call? TryBegin(Call call, HarborException? failure)
    {
        IReadOnlyList<Target> candidates = call.Candidates;
        for (int i = 0; i < candidates.Count; i++)
        {
            Target target = candidates[i];
            if (call.HasAsked(target) || !Helps(target, failure, call)) continue;
            if (target.Health.IsReady)
            {
                if (failure is not null) call.Decide(DecisionKind.Failover, target, $"{failure.Provider}/{failure.Model} failed ({failure.Kind})", error: failure);
                if (call.TryBeginAttempt(target) is { } attempt)
                {
                    if (failure is not null) Log.FailedOver(call.Services.Logger, $"{failure.Provider}/{failure.Model}", failure.Kind, target.Name, failure.Message);
                    return attempt;
                }
            }

            call.Decide(DecisionKind.Exclusion, target, WhyNot(target));
        }

        return null;
    }

    /// <summary>
    /// Asks a target once more. Where its breaker has opened meanwhile and nobody else is left, it is waited for, as by calls that come now: those that were under way
    /// when it opened are worth no less. Null where there is somebody else, or the wait does not fit the deadline.
    /// </summary>
    internal static async ValueTask<Call?> TryRepeatAsync(Call call, Target target, Route? route)
    {
        while (true)
        {
            if (call.TryBeginAttempt(target, route) is { } attempt) return attempt;
            TimeSpan wait = PauseFor(call, target.Health.Breaker.OpenFor ?? TimeSpan.Zero);
            if (wait >= call.Remaining || call.Candidates.Any(other => !call.HasAsked(other))) return null;
            call.Decide(DecisionKind.Wait, target, "its breaker has opened meanwhile, and there is nobody else", wait);
            await call.PauseAsync(wait).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Nobody new can be asked right now. Where the call may ask once more, it goes to one that failed in passing (<see cref="NextRound"/>). Where it does not
    /// wait, a target that only cools down is asked in spite of it: the last that is left is never refused for that. Otherwise the soonest is waited for, if that fits the deadline.
    /// </summary>
    internal static async ValueTask<Call> WaitAsync(Call call, HarborException? failure, bool waits)
    {
        if (waits && failure is not null && await NextRound.TryBeginAsync(call, failure).ConfigureAwait(false) is { } asked) return asked;
        bool isSaid = false;
        while (Soonest(call, failure) is { } soonest)
        {
            Target target = soonest.Target;
            if (soonest.Wait <= TimeSpan.Zero || (!waits && target.Health.Breaker.OpenFor is null))
            {
                if (call.TryBeginAttempt(target) is { } attempt) return attempt;
            }

            TimeSpan wait = PauseFor(call, soonest.Wait);
            if (!waits || wait >= call.Remaining) throw failure ?? LeftAlone(call, soonest.Wait, waits);
            call.Decide(DecisionKind.Wait, target, "every target is left alone for now, and this one is back first", wait, failure);
            if (!isSaid) Log.WaitsForTarget(call.Services.Logger, call.RequestedModel, target.Name, wait);
            isSaid = true;
            await call.PauseAsync(wait).ConfigureAwait(false);
        }

        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
        throw LeftAlone(call, call.Candidates[0].Health.ReadyIn, waits);
    }

    /// <summary>Whether another target may succeed where this one failed, and there is time left to ask it. One that refuses to continue an answer speaks for itself only.</summary>
    internal static bool MovesOn(Call call, Exception error) => error switch
    {
        HarborTimeoutException { Clock: HarborClock.Total } => false,
        HarborException
        {
            Kind: ErrorKind.RateLimited or ErrorKind.QuotaExhausted or ErrorKind.Overloaded or ErrorKind.NoPermit or ErrorKind.Timeout or ErrorKind.Network or ErrorKind.Interrupted
                or ErrorKind.Provider,
        } => !call.IsPastDeadline,
        HarborException { Kind: ErrorKind.InvalidRequest } => call.Continuation is not null && !call.IsPastDeadline,
        HarborException { Kind: ErrorKind.ContextTooLong or ErrorKind.Budget } => !call.IsPastDeadline,
        HarborException { Kind: ErrorKind.ContentFiltered } => call.Request.Alias.FailsOverOnContentFilter && !call.IsPastDeadline,
        _ => false,
    };

    /// <summary>
    /// Whether an answer that broke can be started over: at the next target that is ready, or, where there is none and the call may wait, at the same one. Only
    /// where that is not possible either, one that is left alone is waited for.
    /// </summary>
    /// <param name="call">The root.</param>
    /// <param name="broken">What broke.</param>
    /// <param name="waits">Whether the call may wait.</param>
    /// <param name="again">The same target; null for the next one.</param>
    /// <param name="wait">How long before: the same host, which has just broken, is not asked at once.</param>
    internal static bool CanStartOver(Call call, HarborException broken, bool waits, out Target? again, out TimeSpan wait)
    {
        again = null;
        wait = TimeSpan.Zero;
        if (call.IsPastDeadline || broken.InnerException is HarborTimeoutException { Clock: HarborClock.Total }) return false;
        if (call.HasOtherReady()) return true;
        Target same = call.AnsweringTarget;
        RetryOptions retry = same.Health.Retry;
        TimeSpan backOff = RetryPlan.BackOff(retry, call.TimesAsked(same), call.Services.Random.NextDouble());
        if (waits && call.Candidates.Contains(same) && backOff < call.Remaining && call.TryTakeExtraAttempt(retry.MaximumAttempts - 1) && same.Health.Routes[0].Budget.TryTake())
        {
            (again, wait) = (same, backOff);
            return true;
        }

        return call.Candidates.Any(target => !call.HasAsked(target));
    }

    /// <summary>A tenth more, at random, keeps those who wait from coming back together.</summary>
    private static TimeSpan PauseFor(Call call, TimeSpan readyIn) => readyIn <= TimeSpan.Zero ? ProbeWait : readyIn * (1 + (0.1 * call.Services.Random.NextDouble()));

    private static bool Helps(Target target, HarborException? failure, Call call)
    {
        if (failure?.Kind == ErrorKind.Budget) return call.LatestTarget is { } dear && call.Services.Spending?.IsCheaper(target, dear) == true;
        if (failure?.Kind != ErrorKind.ContextTooLong) return true;
        int? tried = call.LatestTarget is { } latest ? ContextWindows.Of(latest.Model) : null;
        return tried is not null && ContextWindows.Of(target.Model) > tried;
    }

    /// <summary>Of the targets that were not asked, the one that is back first.</summary>
    private static (Target Target, TimeSpan Wait)? Soonest(Call call, HarborException? failure)
    {
        (Target Target, TimeSpan Wait)? soonest = null;
        foreach (Target target in call.Candidates)
        {
            if (call.HasAsked(target) || !Helps(target, failure, call)) continue;
            TimeSpan wait = target.Health.ReadyIn;
            if (soonest is null || wait < soonest.Value.Wait) soonest = (target, wait);
        }

        return soonest;
    }

    private static HarborException LeftAlone(Call call, TimeSpan soonest, bool waits) =>
        ErrorFactory.AllLeftAlone(call.RequestedModel, call.Candidates.Select(target => $"{target.Name} {WhyNot(target)}"), soonest, waits);

    private static string WhyNot(Target target)
    {
        if (target.Health.Breaker.OpenFor is { } open) return FormattableString.Invariant($"is left alone for {open.TotalSeconds:0.#} s: most of its last attempts failed");
        double seconds = (target.Health.CoolFor ?? TimeSpan.Zero).TotalSeconds;
        return target.Health.Routes.All(route => route.IsBarred)
            ? FormattableString.Invariant($"is asked last for {seconds:0.#} s: the quota of its keys is used up")
            : FormattableString.Invariant($"is left alone for {seconds:0.#} s, as it asked");
    }

    /// <summary>What of a call only one provider understands; null for nothing.</summary>
    internal static string? PinOf(Call call)
    {
        if (call.Request.RawRepresentation is not null) return nameof(ChatOptions.RawRepresentationFactory);
        if (call.Options?.ConversationId is not null) return nameof(ChatOptions.ConversationId);
        if (call.Options?.ContinuationToken is not null) return nameof(ChatOptions.ContinuationToken);

        // Every call that may be cached passes here: enumerators would be an object for each message.
        IReadOnlyList<ChatMessage> messages = call.Messages;
        for (int i = 0; i < messages.Count; i++)
        {
            IList<AIContent> contents = messages[i].Contents;
            for (int j = 0; j < contents.Count; j++)
            {
                if (contents[j] is HostedFileContent or HostedVectorStoreContent) return contents[j].GetType().Name;
            }
        }

        return null;
    }
}
