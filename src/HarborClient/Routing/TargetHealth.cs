using HarborClient.Costs;
using HarborClient.Limits;

namespace HarborClient.Routing;

/// <summary>What a client knows of one target: whether it may be asked, over which of its routes, and how it has done. Thread-safe.</summary>
internal sealed class TargetHealth
{
    private readonly Route[] _routes;
    private readonly TargetFigures _figures;
    private int _turn = -1;

    internal TargetHealth(string name, string model, ProviderEntry provider, IReadOnlyList<RouteLimiter> limiters, KeyUse?[] uses, TimeProvider time)
    {
        Name = name;
        System = provider.System;
        Model = model;
        Endpoint = provider.EndpointOf(model);
        Retry = provider.Retry;
        RateLimitMeans = provider.RateLimitMeans;
        Breaker = new CircuitBreaker(provider.CircuitBreaker, time);
        _routes = new Route[limiters.Count];
        for (int i = 0; i < _routes.Length; i++) _routes[i] = new Route(i, limiters[i], uses[i], time);
        _figures = new TargetFigures();
    }

    private TargetHealth(TargetHealth shared, RetryOptions retry, CircuitBreaker breaker)
    {
        Name = shared.Name;
        System = shared.System;
        Model = shared.Model;
        Endpoint = shared.Endpoint;
        Retry = retry;
        RateLimitMeans = shared.RateLimitMeans;
        Breaker = breaker;
        _routes = shared._routes;
        _figures = shared._figures;
    }

    /// <summary>Provider and model.</summary>
    internal string Name { get; }

    /// <summary>OpenTelemetry's name of the system.</summary>
    internal string System { get; }

    /// <summary>The model's id there; <c>*</c> for all names beyond the bound.</summary>
    internal string Model { get; }

    /// <summary>The API root.</summary>
    internal Uri Endpoint { get; }

    internal CircuitBreaker Breaker { get; }

    internal RetryOptions Retry { get; }

    /// <summary>What the host counts when it answers 429.</summary>
    internal RejectClass RateLimitMeans { get; }

    /// <summary>One for each credential, at least one.</summary>
    internal IReadOnlyList<Route> Routes => _routes;

    internal TargetFigures Figures => _figures;

    /// <summary>What is in flight over all routes.</summary>
    internal int InFlight
    {
        get
        {
            int sum = 0;
            foreach (Route route in _routes) sum += route.InFlight;
            return sum;
        }
    }

    /// <summary>The most at once that the limits of all routes allow now.</summary>
    internal int MaximumInFlight => (int)_routes.Sum(route => Math.Floor(route.Limiter.Limit));

    /// <summary>What waits for a permit on any route.</summary>
    internal int Queued => _routes.Sum(route => route.Limiter.Queued);

    /// <summary>The micro-batch that the targets of its limits allow, the smallest of its routes'; null without such targets.</summary>
    internal int? SuggestedBatch
    {
        get
        {
            int? least = null;
            foreach (Route route in _routes)
            {
                if (route.Limiter.SuggestedBatch is { } batch && !(batch >= least)) least = batch;
            }

            return least;
        }
    }

    /// <summary>Extra attempts that the routes' budgets have paid for.</summary>
    internal long ExtraAttempts => _routes.Sum(route => route.Budget.Taken);

    /// <summary>The time until the first route is worth asking; null when one is.</summary>
    internal TimeSpan? CoolFor
    {
        get
        {
            TimeSpan? shortest = null;
            foreach (Route route in _routes)
            {
                if (route.CoolFor is not { } span) return null;
                if (shortest is null || span < shortest) shortest = span;
            }

            return shortest;
        }
    }

    /// <summary>The same target under settings of an alias: routes and figures are shared, the breaker is its own.</summary>
    internal TargetHealth Under(RetryOptions? retry, CircuitBreakerOptions? breaker, TimeProvider time) =>
        new(this, retry ?? Retry, breaker is null ? Breaker : new CircuitBreaker(breaker, time));

    /// <summary>Whether it can be asked now: its breaker lets attempts through and one of its keys is worth asking.</summary>
    internal bool IsReady
    {
        get
        {
            if (!Breaker.MayEnter) return false;
            foreach (Route route in _routes)
            {
                if (route.IsWorthAsking) return true;
            }

            return false;
        }
    }

    /// <summary>How long until it can be asked. A barred key is not worth waiting for: it is asked, and says itself what is wrong.</summary>
    internal TimeSpan ReadyIn
    {
        get
        {
            TimeSpan soonest = TimeSpan.MaxValue;
            foreach (Route route in _routes)
            {
                TimeSpan cool = route.IsBarred ? TimeSpan.Zero : route.CoolFor ?? TimeSpan.Zero;
                if (cool < soonest) soonest = cool;
            }

            return Breaker.OpenFor is { } open && open > soonest ? open : soonest;
        }
    }

    /// <summary>The time to the first update that all but one in twenty answers to inputs of this size kept; null below 20 of them.</summary>
    internal TimeSpan? P95FirstUpdate(long inputTokens) => _figures.FirstUpdates.P95(inputTokens);

    /// <summary>The usable route with the least in flight; equals take turns. Null when none is usable.</summary>
    /// <param name="not">A route that has just failed.</param>
    internal Route? PickRoute(Route? not = null)
    {
        if (_routes.Length == 1) return !ReferenceEquals(_routes[0], not) && _routes[0].IsUsable ? _routes[0] : null;
        uint first = (uint)Interlocked.Increment(ref _turn) % (uint)_routes.Length;
        Route? best = null;
        int least = int.MaxValue;
        for (int i = 0; i < _routes.Length; i++)
        {
            Route route = _routes[(first + i) % _routes.Length];
            if (ReferenceEquals(route, not) || route.InFlight is var inFlight && inFlight >= least || !route.IsUsable) continue;
            best = route;
            least = inFlight;
        }

        return best;
    }

    /// <summary>An attempt that was sent has ended.</summary>
    internal void Ended(AttemptResult result, bool isProbe, TimeSpan duration)
    {
        _figures.Count(result, duration);
        if (result == AttemptResult.Answered) Breaker.Succeeded(isProbe);
        else if (result == AttemptResult.Failed) Breaker.Failed(isProbe);
        else Breaker.Released(isProbe);
    }
}
