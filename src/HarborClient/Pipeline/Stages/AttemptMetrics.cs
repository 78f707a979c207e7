using System.Diagnostics;
using HarborClient.Telemetry;
namespace HarborClient.Pipeline.Stages;

/// <summary>Counts attempts as they end.</summary>
internal sealed class AttemptMetrics : ICallCompletion
{
    internal static readonly AttemptMetrics Instance = new();

    internal static bool IsWanted => HarborMeter.Attempts.Enabled || HarborMeter.AttemptDuration.Enabled;

    public void OnCompleted(Call call, CallOutcome outcome)
    {
        var tags = new TagList
        {
            { "gen_ai.provider.name", call.Target!.System },
            { "gen_ai.request.model", call.Target.Model },
            { "server.address", call.Target.Endpoint.Host },
            { "server.port", call.Target.Endpoint.Port },
        };
        if (call.Request.IsShadow) tags.Add("harbor.shadow", true);
        if (ErrorType.Of(outcome) is { } error) tags.Add("error.type", error);
        HarborMeter.Attempts.Add(1, tags);
        HarborMeter.AttemptDuration.Record(call.Elapsed.TotalSeconds, tags);
    }
}
