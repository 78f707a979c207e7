using System.Diagnostics;
using HarborClient.Limits;
using HarborClient.Telemetry;

namespace HarborClient.Pipeline.Stages;

/// <summary>Counts attempts as they end.</summary>
internal sealed class AttemptMetrics : ICallCompletion
{
    internal static readonly AttemptMetrics Instance = new();

    internal static bool IsWanted => HarborMeter.Attempts.Enabled || HarborMeter.AttemptDuration.Enabled || HarborMeter.Refusals.Enabled || HarborMeter.Cost.Enabled;

    public void OnCompleted(Call call, CallOutcome outcome)
    {
        TagList tags = TagsOf(call.Target!);
        if (call.Request.IsShadow) tags.Add("harbor.shadow", true);
        CountCost(call, tags);
        if (!call.Request.IsShadow && RefusalKind(call.Target!, outcome.Error) is { } refusal) CountRefusal(tags, "host", refusal);
        if (ErrorType.Of(outcome) is { } error) tags.Add("error.type", error);
        HarborMeter.Attempts.Add(1, tags);
        HarborMeter.AttemptDuration.Record(call.Elapsed.TotalSeconds, tags);
    }

    private static void CountCost(Call call, TagList tags)
    {
        if (!call.WasSent || call.AttemptCost is not { } cost) return;
        if (call.IsCostEstimated) tags.Add("harbor.cost.estimated", true);
        HarborMeter.Cost.Add(cost.NanoUsd, tags);
    }

    /// <summary>The limits of its target let nobody in: nothing was sent.</summary>
    internal static void OnNotLetIn(Call call, HarborException error)
    {
        if (HarborMeter.Refusals.Enabled) CountRefusal(TagsOf(call.Target!), "limits", error.Kind == ErrorKind.RateLimited ? "gate" : "queue");
    }

    private static string? RefusalKind(Target target, Exception? error) => (error as HarborException)?.Kind switch
    {
        ErrorKind.Overloaded => "overload",
        ErrorKind.RateLimited => target.Health.RateLimitMeans switch { RejectClass.Rate => "rate", RejectClass.Concurrency => "concurrency", _ => "unknown" },
        _ => null,
    };

    private static void CountRefusal(TagList tags, string by, string kind)
    {
        tags.Add("harbor.refusal.by", by);
        tags.Add("harbor.refusal.kind", kind);
        HarborMeter.Refusals.Add(1, tags);
    }

    private static TagList TagsOf(Target target) => new()
    {
        { "gen_ai.provider.name", target.System },
        { "gen_ai.request.model", target.Model },
        { "server.address", target.Endpoint.Host },
        { "server.port", target.Endpoint.Port },
    };
}
