using HarborClient.Telemetry;

namespace HarborClient.Pipeline.Stages;

/// <summary>The outermost stage: metrics of every call and, outside the Fast recipe, its span. Nothing is allocated when nobody listens.</summary>
internal sealed class TelemetryStage(PipelineStage next, bool withSpans) : PipelineStage(next)
{
    public override string Name => withSpans ? "Telemetry" : "Telemetry (metrics)";

    public override ValueTask<UpdateReader> OpenAsync(Call call)
    {
        if (CallMetrics.IsWanted) call.OnCompleted(CallMetrics.Instance);
        return withSpans && HarborActivity.Source.HasListeners() ? OpenInSpanAsync(call) : Next.OpenAsync(call);
    }

    /// <summary>An async method of its own: the span is current for everything below, and not for the caller.</summary>
    private async ValueTask<UpdateReader> OpenInSpanAsync(Call call)
    {
        if (CallSpan.Start(call) is { } span) call.OnCompleted(span);
        return await Next.OpenAsync(call).ConfigureAwait(false);
    }
}
