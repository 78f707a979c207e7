using HarborClient.Costs;
using HarborClient.Limits;
using HarborClient.Routing;

namespace HarborClient.Pipeline.Stages;

/// <summary>The rules of <see cref="HedgeStage"/>: when a second attempt is due, and whom it goes to.</summary>
internal static class Hedge
{
    /// <summary>How long an attempt is given before a second one is thought of; null while nobody knows what is slow.</summary>
    internal static TimeSpan? DelayOf(Call attempt, HedgeBudget budget, long inputTokens)
    {
        TargetHealth health = attempt.Target!.Health;

        // Times are kept by what hosts have counted. A prompt near the edge of a group may be estimated into its neighbour, where no other is.
        if ((health.P95FirstUpdate(inputTokens) ?? health.P95FirstUpdate(inputTokens * 3 / 2) ?? health.P95FirstUpdate(inputTokens * 2 / 3)) is not { } usual) return null;
        TimeSpan delay = usual > budget.MinimumDelay ? usual : budget.MinimumDelay;
        return delay < attempt.Parent!.Remaining ? delay : null;
    }

    /// <summary>Begins the second attempt, with its permit, at the first place that can take it now; null where there is none, which the decisions say.</summary>
    internal static Call? TryBegin(Call slow, HedgeBudget budget, PriceBook prices, long inputTokens, TimeSpan waited)
    {
        Call root = slow.Parent!;
        string? Unpaid(Target target) => budget.WhyNot(HedgeCost.OfHedge(prices, slow, target, inputTokens));
        List<string> obstacles = [];
        if (MostExtra(slow) <= root.ExtraAttempts)
        {
            obstacles.Add("Retry.MaximumAttempts allows no further attempt");
        }
        else if (Unpaid(slow.Target!) is { } general && root.Candidates.All(target => Unpaid(target) is not null))
        {
            obstacles.Add(general);
        }
        else
        {
            var admission = new Admission(root.Settings.Priority, root.Settings.Tenant, inputTokens, Math.Max(0, root.Options?.MaxOutputTokens ?? 0), root.Remaining);
            foreach ((Target target, Route route) in Places(slow, obstacles))
            {
                string place = ReferenceEquals(target, slow.Target) ? $"key {route.Credential + 1} of {target.Name}" : target.Name;
                if ((ObstacleAt(target, route, admission) ?? Pay(slow, budget, HedgeCost.OfHedge(prices, slow, target, inputTokens))) is { } obstacle) obstacles.Add($"{place} {obstacle}");
                else if (Begin(slow, target, route, admission, place, waited) is { } second) return second;
                else obstacles.Add($"{place} has no room to spare any more");
            }
        }

        string why = obstacles.Count == 0 ? "there is no other key or target" : string.Join("; ", obstacles);
        root.Decide(DecisionKind.Hedge, slow.Target, $"is slow, and nobody is asked beside it: {why}", waited, attempt: slow.AttemptNumber);
        return null;
    }

    /// <summary>Whether the second attempt may still save the call when the first has failed. What would be wrong everywhere is not waited out.</summary>
    internal static bool MayOutlive(Call root, Exception failure) => Failover.MovesOn(root, failure) || failure is HarborException { Kind: ErrorKind.Authentication };

    /// <summary>Another key of the same target, then the targets that the call may go to and has not asked.</summary>
    private static IEnumerable<(Target Target, Route Route)> Places(Call slow, List<string> obstacles)
    {
        Call root = slow.Parent!;
        if (slow.Route is { } used && slow.Target!.Health.PickRoute(not: used) is { } otherKey) yield return (slow.Target, otherKey);
        foreach (Target target in root.Candidates)
        {
            if (root.HasAsked(target) || !root.Settings.Permits(target)) continue;
            if (target.Health.PickRoute() is { } route) yield return (target, route);
            else obstacles.Add($"{target.Name} is left alone");
        }
    }

    private static string? ObstacleAt(Target target, Route route, in Admission admission)
    {
        if (target.Health.Breaker.State != CircuitState.Closed) return "is left alone: most of its last attempts failed";
        return route.Limiter.HasRoomBeside(admission) ? null : "has no room to spare";
    }

    /// <summary>
    /// Two budgets pay: that of the slow route, whose calls earn it (a target that only stands by earns none), and that of hedging. The call's own is taken last,
    /// where nothing can go wrong any more.
    /// </summary>
    private static string? Pay(Call slow, HedgeBudget budget, in HedgeSpend cost)
    {
        if (budget.WhyNot(cost) is { } missing) return $"would be asked, but {missing}";
        Route earner = slow.Route ?? slow.Target!.Health.Routes[0];
        if (!earner.Budget.TryTake()) return $"would be asked, but {slow.Target!.Name} has used up its budget of extra attempts";
        return budget.Take(cost) is { } lacking ? $"would be asked, but {lacking}" : null;
    }

    private static Call? Begin(Call slow, Target target, Route route, in Admission admission, string place, TimeSpan waited)
    {
        if (!route.Limiter.TryEnterBeside(admission, out Permit permit)) return null;
        Call root = slow.Parent!;
        Call? second = null;
        try
        {
            root.Decide(DecisionKind.Hedge, target, $"{slow.Target!.Name} has not begun to answer, and {place} is asked beside it", waited);
            second = root.TryBeginAttempt(target, route, isHedge: true);
        }
        finally
        {
            if (second is null) route.Limiter.Exit(ref permit, 0, 0);
        }

        if (second is null) return null;
        root.TryTakeExtraAttempt(MostExtra(slow));
        second.EnterRoute(permit);
        return second;
    }

    private static int MostExtra(Call slow) => slow.Target!.Health.Retry.MaximumAttempts - 1;
}
