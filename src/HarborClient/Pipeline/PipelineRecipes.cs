using HarborClient.Costs;
using HarborClient.Limits;
using HarborClient.Pipeline.Stages;
using HarborClient.Providers;
using HarborClient.Tokens;

namespace HarborClient.Pipeline;

/// <summary>
/// The three modes as lists of stages, outermost first. A feature that a mode does not have is absent from its list; nothing else in the library asks
/// which mode a call is in. To add a stage: a file in Stages, a line here, a test.
/// </summary>
internal static partial class PipelineRecipes
{
    private delegate PipelineStage Make(PipelineStage next);

    /// <summary>Links one chain per mode, indexed by <see cref="PerformanceMode"/>. Built once per client.</summary>
    internal static PipelineStage[] Link(Dictionary<string, Provider> providers, IReadOnlyList<StageInsertion> inserted, CallerLimits? callers, bool hedges, TokenEstimator tokens, BackgroundCalls? shadows, ResponseCache cache, BackgroundCalls refreshes, SemanticSetup? semantic, PriceBook prices)
    {
        var send = new SendStage(providers);
        Make perAttempt = Users(inserted, StageScope.Attempt);
        var keys = new RequestKeys(providers);
        PipelineStage? shadow = shadows is null ? null : perAttempt(send);
        var parts = new Parts(
            next => callers is null ? next : new CallerLimitStage(next, callers, tokens),
            next => hedges ? new HedgeStage(next, tokens, prices) : next,
            Users(inserted, StageScope.Call),
            next => shadow is null ? next : new ShadowStage(next, shadow, shadows!, tokens),
            (next, asksBelow) => LinkCache(next, keys, cache, refreshes, asksBelow, asksBelow ? semantic : null),
            perAttempt, next => new LimitStage(next, tokens), tokens);
        return [Link(send, Fast(parts)), Link(send, Balanced(parts)), Link(send, Full(parts))];
    }

    /// <summary>The names of a chain's stages, outermost first.</summary>
    internal static PipelineDescription Describe(PerformanceMode mode, PipelineStage outermost)
    {
        var names = new List<string>();
        for (PipelineStage? stage = outermost; stage is not null; stage = stage.Inner) names.Add(stage.Name);
        return new PipelineDescription(mode, names);
    }

    private static IEnumerable<Make> Fast(Parts parts) =>
    [
        next => new TelemetryStage(next, withSpans: false),
        next => new DeadlineStage(next),
        parts.CallerLimits,
        parts.PerCall,
        parts.Shadows,
        next => new FailoverStage(next, parts.Tokens, waits: false),
        parts.PerAttempt,
    ];

    private static IEnumerable<Make> Balanced(Parts parts) =>
    [
        next => new TelemetryStage(next, withSpans: true),
        next => new DeadlineStage(next),
        parts.CallerLimits,
        parts.PerCall,
        next => parts.Cache(next, false),
        parts.Shadows,
        next => new FailoverStage(next, parts.Tokens, waits: true),
        next => new RetryStage(next),
        parts.PerAttempt,
        parts.Limit,
    ];

    private static IEnumerable<Make> Full(Parts parts) =>
    [
        next => new TelemetryStage(next, withSpans: true),
        next => new DeadlineStage(next),
        parts.CallerLimits,
        next => new StreamUpstreamStage(next),
        parts.PerCall,
        next => parts.Cache(next, true),
        parts.Shadows,
        next => new FailoverStage(next, parts.Tokens, waits: true),
        next => new RetryStage(next),
        parts.Hedge,
        parts.PerAttempt,
        parts.Limit,
    ];

    private static PipelineStage Link(PipelineStage send, IEnumerable<Make> recipe)
    {
        PipelineStage next = send;
        foreach (Make make in recipe.Reverse()) next = make(next);
        return next;
    }

    /// <summary>The stages a user inserted in one scope: the first added is the outermost.</summary>
    private static Make Users(IReadOnlyList<StageInsertion> inserted, StageScope scope) => next =>
    {
        for (int i = inserted.Count - 1; i >= 0; i--)
        {
            StageInsertion insertion = inserted[i];
            if (insertion.Scope != scope) continue;
            next = insertion.Create(next) ?? throw Errors.ErrorFactory.Setting(ErrorKind.Configuration, "A function given to AddStage returned null instead of a stage.");
        }

        return next;
    };

    /// <summary>What a client's own settings and stages put into its lists.</summary>
    private readonly record struct Parts(Make CallerLimits, Make Hedge, Make PerCall, Make Shadows, Func<PipelineStage, bool, PipelineStage> Cache, Make PerAttempt, Make Limit, TokenEstimator Tokens);
}
