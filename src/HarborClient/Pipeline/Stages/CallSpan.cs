using System.Diagnostics;
using HarborClient.Caching;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;
namespace HarborClient.Pipeline.Stages;

/// <summary>The span of one call, from its start to its end. Made only when somebody listens.</summary>
internal sealed class CallSpan(Activity activity) : ICallCompletion
{
    /// <summary>Starts a span when somebody listens and samples it.</summary>
    internal static CallSpan? Start(Call call)
    {
        if (!HarborActivity.Source.HasListeners()) return null;
        Activity? activity = HarborActivity.Source.StartActivity($"{CallMetrics.OperationOf(call)} {call.RequestedModel}", ActivityKind.Client);
        if (activity is null) return null;
        activity.SetTag("gen_ai.operation.name", CallMetrics.OperationOf(call));
        activity.SetTag("harbor.mode", call.Settings.Mode.ToString());
        activity.SetTag("harbor.requested_model", call.RequestedModel);
        if (call.Options is { } options) SetOptions(activity, options);
        if (call.Services.Telemetry.CaptureMessageContent) activity.SetTag("gen_ai.input.messages", MessageContent.Write(call.Messages));
        return new CallSpan(activity);
    }

    public void OnCompleted(Call call, CallOutcome outcome)
    {
        Target target = call.AnsweringTarget;
        activity.SetTag("gen_ai.provider.name", target.System);
        activity.SetTag("gen_ai.request.model", target.Model);
        activity.SetTag("server.address", target.Endpoint.Host);
        activity.SetTag("server.port", target.Endpoint.Port);
        activity.SetTag("harbor.attempts", call.AttemptCount);
        if (call.Hit is { } hit) activity.SetTag("harbor.cache.level", CacheCounts.NameOf(hit.Level));
        SetCost(call);
        SetAnswer(call);
        if (ErrorType.Of(outcome) is { } error)
        {
            activity.SetTag("error.type", error);
            if (outcome.Status == CallStatus.Failed) activity.SetStatus(ActivityStatusCode.Error, outcome.Error?.Message);
        }

        End();
    }

    /// <summary>Ending makes the activity current that was so at the start; whoever ends the call may have another since, or none, which stays.</summary>
    private void End()
    {
        Activity? current = Activity.Current;
        activity.Dispose();
        if (!ReferenceEquals(current, activity) && current is not { IsStopped: true }) Activity.Current = current;
    }

    private static void SetOptions(Activity activity, ChatOptions options)
    {
        if (options.Temperature is { } temperature) activity.SetTag("gen_ai.request.temperature", temperature);
        if (options.TopP is { } topP) activity.SetTag("gen_ai.request.top_p", topP);
        if (options.MaxOutputTokens is { } most) activity.SetTag("gen_ai.request.max_tokens", most);
        if (options.Seed is { } seed) activity.SetTag("gen_ai.request.seed", seed);
    }

    /// <summary>Without a price there is no cost, which is not 0.</summary>
    private void SetCost(Call call)
    {
        if (call.TotalCost(out bool isEstimated) is not { } cost) return;
        activity.SetTag("harbor.cost.nano_usd", cost.NanoUsd);
        if (isEstimated) activity.SetTag("harbor.cost.estimated", true);
    }

    private void SetAnswer(Call call)
    {
        if (call.Fold.Identity is { } identity)
        {
            activity.SetTag("gen_ai.response.id", identity.ResponseId);
            activity.SetTag("gen_ai.response.model", identity.Model);
        }

        if (call.Fold.FinishReason is { } finish) activity.SetTag("gen_ai.response.finish_reasons", new[] { finish });
        if (call.IsStreaming && call.TimeToFirstUpdate is { } first) activity.SetTag("gen_ai.response.time_to_first_chunk", first.TotalSeconds);
        if (call.Fold.Usage is { } usage)
        {
            activity.SetTag("gen_ai.usage.input_tokens", usage.InputTokenCount);
            activity.SetTag("gen_ai.usage.output_tokens", usage.OutputTokenCount);
            activity.SetTag("gen_ai.usage.cache_read.input_tokens", usage.CachedInputTokenCount);
            activity.SetTag("gen_ai.usage.reasoning.output_tokens", usage.ReasoningTokenCount);
        }

        if (call.Services.Telemetry.CaptureMessageContent && call.Operation == CallOperation.Chat)
            activity.SetTag("gen_ai.output.messages", MessageContent.Write(call));
    }
}
