using HarborClient.Pipeline;
using HarborClient.Routing;

namespace HarborClient;

/// <content>Which credential of its target an attempt uses, and what its end says of them.</content>
public sealed partial class Call
{
    // 1 while the attempt is counted at its route; whoever sets it back to 0 takes it off there.
    private byte _isOnRoute;

    /// <summary>Chosen by a stage that limits or retries, otherwise by Send.</summary>
    internal Route? Route { get; set; }

    /// <summary>Whether the target's breaker let it in to find out whether the target is back.</summary>
    internal bool IsProbe { get; set; }

    /// <summary>Which of the provider's credentials is sent.</summary>
    internal int Credential => Route?.Credential ?? 0;

    /// <summary>From now on the attempt is in flight. Where no stage chose a route it takes the best; with none usable the host has the last word.</summary>
    internal void EnterRoute()
    {
        Route route = Route ??= Target!.Health.PickRoute() ?? Target.Health.Routes[0];
        if (Interlocked.Exchange(ref _isOnRoute, 1) != 0) return;
        route.Enter();

        // The end may come from another thread at any moment: whichever of the two comes second sees the other.
        if (HasEnded) LeaveRoute(AttemptResult.Nothing);
    }

    private void EndOnRoute(CallOutcome outcome)
    {
        if (_isOnRoute != 0 && outcome.Error is HarborException error) AttemptResults.Heed(Route!, error);
        if (LeaveRoute(AttemptResults.Of(this, outcome)) || !IsProbe) return;

        // A probe that never got as far as sending leaves its place to the next.
        Target!.Health.ReleaseProbe();
    }

    private bool LeaveRoute(AttemptResult result)
    {
        if (Interlocked.Exchange(ref _isOnRoute, 0) == 0) return false;
        Route!.Leave();
        Target!.Health.Ended(result, IsProbe, Duration);
        if (result == AttemptResult.Answered && StreamsUpstream && TimeToFirstUpdate is { } first && _fold?.Usage?.InputTokenCount is { } tokens)
            Target.Health.Figures.FirstUpdates.Add(tokens, first);
        return true;
    }
}
