using HarborClient.Errors;
using HarborClient.Telemetry;

namespace HarborClient.Pipeline.Stages;

/// <summary>Makes an answer anew that is about to expire, behind the caller who was answered with it: a call of its own that belongs to nobody, after all others where calls have to wait.</summary>
/// <param name="next">The stage that has the call answered.</param>
/// <param name="writer">Keeps the new answer.</param>
/// <param name="cache">Where one may be that need not be made anew yet.</param>
/// <param name="calls">The refreshes that are under way.</param>
internal sealed class Refresher(PipelineStage next, CacheWriter writer, ResponseCache cache, BackgroundCalls calls)
{
    internal void Begin(Call call, CacheUse use)
    {
        if (!calls.TryEnter()) return;
        using AsyncFlowControl flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _ = RunAsync(call.Repeated(use));
    }

    /// <summary>Never throws.</summary>
    private async Task RunAsync(Call root)
    {
        // The caller has its answer already, and does not wait.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            if (root.CacheUse is { Name: { } name } use && await cache.RenewAsync(use.Key, name, RequestKeys.SpaceOf(use.Target, root.Operation)).ConfigureAwait(false))
            {
                root.End(CallOutcome.Abandoned);
                return;
            }

            UpdateReader reader = await next.OpenAsync(root).ConfigureAwait(false) ?? throw ErrorFactory.NoReader();
            await using (reader.ConfigureAwait(false))
            {
                root.Receive(reader);
                while (await reader.ReadAsync().ConfigureAwait(false)) root.Receive(reader.Current);
            }

            writer.Keep(root);
            root.End(CallOutcome.Succeeded);
        }
        catch (Exception e)
        {
            // What was kept serves until it expires; then a caller asks, and hears what is wrong.
            root.End(CallOutcome.From(e));
            Log.RefreshFailed(root.Services.Logger, root.RequestedModel, (e as HarborException)?.Kind.ToString() ?? e.GetType().Name);
        }
        finally
        {
            calls.Leave();
        }
    }
}
