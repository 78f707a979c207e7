using HarborClient.Limits;
using HarborClient.Pipeline;
using HarborClient.Routing;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <content>Which credential of its target an attempt uses, and what its end says of them.</content>
public partial class Call
{
    /// <summary>Chosen by a stage that limits or retries, otherwise by Send.</summary>
    internal Route? Route
    {
        get => Own?.Route;
        set => Own!.Route = value;
    }

    /// <summary>Whether the target's breaker let it in to find out whether the target is back.</summary>
    internal bool IsProbe => Own is { IsProbe: true };

    /// <summary>Which of the provider's credentials is sent.</summary>
    internal int Credential => Route?.Credential ?? 0;

    /// <summary>Whether it holds its permit already, or is in flight without one.</summary>
    internal bool IsOnRoute => Own is { } own && Volatile.Read(ref own.OnRoute) != 0;

    /// <summary>From now on the attempt is in flight.</summary>
    internal void EnterRoute()
    {
        Attempt own = Own!;
        if (own.OnRoute != 0) return;
        Route route = ChooseRoute();
        own.Enter(route, route.Limiter.EnterUnchecked(default));
    }

    /// <summary>The route of this attempt: the one that a stage has chosen, or the best; with none usable the host has the last word.</summary>
    /// <exception cref="HarborException">The daily quota of every key is used up (<see cref="ErrorKind.QuotaExhausted"/>).</exception>
    internal Route ChooseRoute()
    {
        Attempt own = Own!;
        Route route = own.Route ??= own.Place.Health.PickRoute() ?? own.Place.Health.Routes[0];
        return route.Use?.UsedUpFor is { } wait ? throw LimitErrors.KeyQuotaUsedUp(own.Place.Provider, own.Place.Model, wait) : route;
    }

    /// <summary>The same, with the permit that a stage has waited for.</summary>
    internal void EnterRoute(in Permit permit) => Own!.Enter(Own.Route!, permit);

    /// <summary>The host has answered with its headers.</summary>
    internal void OnAccepted()
    {
        if (Own is { OnRoute: not 0 } own) own.Route!.Limiter.OnAccepted(ref own.Permit);
    }

    private sealed partial class Attempt
    {
        /// <summary>Whether its call has asked this target before. Nearly every attempt is a call's first.</summary>
        private bool IsExtra
        {
            get
            {
                for (Attempt? earlier = Earlier; earlier is not null; earlier = earlier.Earlier)
                {
                    if (ReferenceEquals(earlier.Place, Place)) return true;
                }

                return false;
            }
        }

        internal void Enter(Route route, in Permit permit)
        {
            Permit = permit;
            route.Enter();
            if (!IsHedge && !IsExtra) route.Budget.OnFirstAsk();
            _services.Counters.PermitTaken();
            Volatile.Write(ref OnRoute, 1);

            // The end may come from another thread at any moment: whichever of the two comes second sees the other.
            Interlocked.MemoryBarrier();
            if (HasEnded) Leave(new CallOutcome(CallStatus.Cancelled));
        }

        internal void OnFirstUpdate()
        {
            if (OnRoute != 0) Route!.Limiter.OnFirstUpdate(ref Permit, Permit.InputTokens, StreamsUpstream);
        }

        internal void EndOnRoute(CallOutcome outcome)
        {
            if (Leave(outcome) || !IsProbe) return;

            // A probe that never got as far as sending leaves its place to the next.
            Place.Health.Breaker.Released(isProbe: true);
        }

        private bool Leave(CallOutcome outcome)
        {
            if (Interlocked.Exchange(ref OnRoute, 0) == 0) return false;
            Route route = Route!;
            TargetHealth health = Place.Health;
            AttemptResult result = AttemptResults.Of(this, outcome);
            if (outcome.Error is HarborException error)
            {
                AttemptResults.Heed(route, error);
                if (error.Kind == ErrorKind.RateLimited) route.Limiter.OnRejected(ref Permit, health.RateLimitMeans, error.RetryAfter);
                else if (error.Kind == ErrorKind.Overloaded) route.Limiter.OnRejected(ref Permit, RejectClass.Overload, error.RetryAfter);
                else if (result == AttemptResult.Failed) route.Limiter.OnFailed(ref Permit);
            }

            UsageDetails? usage = _fold?.Usage;
            route.Leave();
            _services.Counters.PermitReturned();
            route.Limiter.Exit(ref Permit, usage?.InputTokenCount, usage?.OutputTokenCount);
            health.Ended(result, IsProbe, Duration);
            if (Place.Variant is { } variant) Count(variant, result, outcome);
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
}
