using System.Diagnostics;
using HarborClient.Costs;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>Records the gen_ai metrics of a call as it ends.</summary>
internal sealed class CallMetrics : ICallCompletion
{
    internal static readonly CallMetrics Instance = new();

    internal static bool IsWanted => HarborMeter.OperationDuration.Enabled || HarborMeter.TimeToFirstChunk.Enabled || HarborMeter.TokenUsage.Enabled
        || HarborMeter.InputTokens.Enabled || HarborMeter.OutputTokens.Enabled || HarborMeter.CacheReadTokens.Enabled
        || HarborMeter.CacheWriteTokens.Enabled || HarborMeter.ReasoningTokens.Enabled;

    internal static string OperationOf(Call call) => call.Operation switch
    {
        CallOperation.Embed => "embeddings",
        CallOperation.CountTokens => "count_tokens",
        CallOperation.Invoke => "invoke_service",
        CallOperation.Image => "generate_image",
        CallOperation.Job => "job",
        _ => "chat",
    };

    public void OnCompleted(Call call, CallOutcome outcome)
    {
        Target target = call.AnsweringTarget;
        var tags = new TagList
        {
            { "gen_ai.operation.name", OperationOf(call) },
            { "gen_ai.provider.name", target.System },
            { "gen_ai.request.model", target.Model },
            { "server.address", target.Endpoint.Host },
            { "server.port", target.Endpoint.Port },
        };
        if (call.Fold.Identity?.Model is { } answered) tags.Add("gen_ai.response.model", answered);
        RecordTokens(call, outcome, tags);
        if (call.IsStreaming && call.TimeToFirstUpdate is { } first) HarborMeter.TimeToFirstChunk.Record(first.TotalSeconds, tags);
        if (ErrorType.Of(outcome) is { } error) tags.Add("error.type", error);
        HarborMeter.OperationDuration.Record(call.Elapsed.TotalSeconds, tags);
    }

    private static void RecordTokens(Call call, CallOutcome outcome, in TagList tags)
    {
        UsageDetails? usage = call.Fold.Usage;

        // The newer counters want a 0 for failed calls, so that a rate of tokens per call comes out right.
        long? nothing = outcome.Status == CallStatus.Failed ? 0 : null;
        Add(HarborMeter.InputTokens, usage?.InputTokenCount ?? nothing, tags);
        Add(HarborMeter.OutputTokens, usage?.OutputTokenCount ?? nothing, tags);
        Add(HarborMeter.CacheReadTokens, usage?.CachedInputTokenCount, tags);
        Add(HarborMeter.ReasoningTokens, usage?.ReasoningTokenCount, tags);
        if (usage?.AdditionalCounts?.TryGetValue(UsageCounts.CacheWrite, out long written) == true) Add(HarborMeter.CacheWriteTokens, written, tags);
        RecordTyped(usage?.InputTokenCount, "input", tags);
        RecordTyped(usage?.OutputTokenCount, "output", tags);
    }

    private static void Add(System.Diagnostics.Metrics.Counter<long> counter, long? tokens, in TagList tags)
    {
        if (tokens is { } count) counter.Add(count, tags);
    }

    private static void RecordTyped(long? tokens, string type, TagList tags)
    {
        if (tokens is not { } count || !HarborMeter.TokenUsage.Enabled) return;
        tags.Add("gen_ai.token.type", type);
        HarborMeter.TokenUsage.Record(count, tags);
    }
}
