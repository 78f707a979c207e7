using HarborClient.Limits;
using HarborClient.Pipeline;
using HarborClient.Routing;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <content>Which credential of its target an attempt uses, and what its end says of them.</content>
public sealed partial class Call
{
    // 1 while the attempt is counted at its route; whoever sets it back to 0 takes it off there.
    private byte _isOnRoute;

    // Owner: this attempt, from EnterRoute until it leaves the route.
    private Permit _permit;

    /// <summary>Chosen by a stage that limits or retries, otherwise by Send.</summary>
    internal Route? Route { get; set; }

    /// <summary>Whether the target's breaker let it in to find out whether the target is back.</summary>
    internal bool IsProbe { get; set; }

    /// <summary>Which of the provider's credentials is sent.</summary>
    internal int Credential => Route?.Credential ?? 0;

    /// <summary>From now on the attempt is in flight. Where no stage chose a route it takes the best; with none usable the host has the last word.</summary>
    internal void EnterRoute()
    {
        if (_isOnRoute != 0) return;
        Route route = Route ??= Target!.Health.PickRoute() ?? Target.Health.Routes[0];
        EnterRoute(route.Limiter.EnterUnchecked(default));
    }

    /// <summary>The same, with the permit that a stage has waited for.</summary>
    internal void EnterRoute(in Permit permit)
    {
        _permit = permit;
        Route!.Enter();
        if (!IsHedge && !IsExtra) Route.Budget.OnFirstAsk();
        _services.Counters.PermitTaken();
        Volatile.Write(ref _isOnRoute, 1);

        // The end may come from another thread at any moment: whichever of the two comes second sees the other.
        Interlocked.MemoryBarrier();
        if (HasEnded) LeaveRoute(new CallOutcome(CallStatus.Cancelled));
    }

    /// <summary>Whether it holds its permit already, or is in flight without one.</summary>
    internal bool IsOnRoute => Volatile.Read(ref _isOnRoute) != 0;

    /// <summary>The host has answered with its headers.</summary>
    internal void OnAccepted()
    {
        if (_isOnRoute != 0) Route!.Limiter.OnAccepted(ref _permit);
    }

    /// <summary>Whether this call has asked this target before. Nearly every attempt is a call's first.</summary>
    private bool IsExtra
    {
        get
        {
            for (Call? earlier = _previous; earlier is not null; earlier = earlier._previous)
            {
                if (ReferenceEquals(earlier.Target, Target)) return true;
            }

            return false;
        }
    }

    private void OnRouteFirstUpdate()
    {
        if (_isOnRoute != 0) Route!.Limiter.OnFirstUpdate(ref _permit, _fold?.Usage?.InputTokenCount ?? _permit.InputTokens, StreamsUpstream);
    }

    private void EndOnRoute(CallOutcome outcome)
    {
        if (LeaveRoute(outcome) || !IsProbe) return;

        // A probe that never got as far as sending leaves its place to the next.
        Target!.Health.Breaker.Released(isProbe: true);
    }

    private bool LeaveRoute(CallOutcome outcome)
    {
        if (Interlocked.Exchange(ref _isOnRoute, 0) == 0) return false;
        Route route = Route!;
        TargetHealth health = Target!.Health;
        AttemptResult result = AttemptResults.Of(this, outcome);
        if (outcome.Error is HarborException error)
        {
            AttemptResults.Heed(route, error);
            if (error.Kind == ErrorKind.RateLimited) route.Limiter.OnRejected(ref _permit, health.RateLimitMeans, error.RetryAfter);
            else if (error.Kind == ErrorKind.Overloaded) route.Limiter.OnRejected(ref _permit, RejectClass.Overload, error.RetryAfter);
            else if (result == AttemptResult.Failed) route.Limiter.OnFailed(ref _permit);
        }

        UsageDetails? usage = _fold?.Usage;
        route.Leave();
        _services.Counters.PermitReturned();
        route.Limiter.Exit(ref _permit, usage?.InputTokenCount, usage?.OutputTokenCount);
        health.Ended(result, IsProbe, Duration);
        if (Target.Variant is { } variant) Count(variant, result, outcome);
        if (result == AttemptResult.Answered && StreamsUpstream && TimeToFirstUpdate is { } first && usage?.InputTokenCount is { } tokens) health.Figures.FirstUpdates.Add(tokens, first);
        return true;
    }

    /// <summary>Told apart by alias, the Total clock counts too: of two variants the one that lets it run out does worse.</summary>
    private void Count(VariantFigures variant, AttemptResult result, CallOutcome outcome)
    {
        if (result == AttemptResult.Answered) variant.Answered(Duration, StreamsUpstream ? TimeToFirstUpdate : null);
        else if (outcome.Error is HarborException) variant.Failed();
    }
}
