using HarborClient.Errors;
using HarborClient.Limits;
using HarborClient.Routing;
using HarborClient.Telemetry;
using HarborClient.Tokens;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// Asks the shadows of an alias besides its targets. A shadow is a call of its own that belongs to nobody: it has its clock, holds its permit, and whatever comes of it is dropped.
/// Linked only where an alias has some.
/// </summary>
/// <param name="next">The stage that asks the targets.</param>
/// <param name="attempts">The stages around the attempt of a shadow.</param>
/// <param name="flights">The shadows that are under way.</param>
/// <param name="tokens">How large a prompt is.</param>
internal sealed class ShadowStage(PipelineStage next, PipelineStage attempts, BackgroundCalls flights, TokenEstimator tokens) : PipelineStage(next)
{
    /// <summary>The end of a shadow whose call has none.</summary>
    private static readonly TimeSpan LongestShadow = TimeSpan.FromMinutes(10);

    public override ValueTask<UpdateReader> OpenAsync(Call call)
    {
        bool isFresh = call is { Parent: null, AttemptCount: 0 };
        ValueTask<UpdateReader> opening = Next.OpenAsync(call);

        // After it, so that the caller's own request goes out first, and nothing does where no target was asked; and still before the caller goes on.
        if (isFresh && call.AttemptCount > 0 && call.Request.Alias.Shadows.Length > 0) Begin(call);
        return opening;
    }

    private void Begin(Call call)
    {
        ModelAlias alias = call.Request.Alias;
        try
        {
            if (!Repeatable.Is(call)) return;
            string? key = alias.IsStickyByUser ? call.Settings.User ?? call.Settings.Affinity : null;
            foreach (ShadowTarget shadow in alias.Shadows)
            {
                if (call.Settings.Permits(shadow.Target) && shadow.IsDrawn(key, call.Services.Random.Next)) Begin(call, shadow);
            }
        }
        catch (Exception e)
        {
            // Whatever is wrong with the caller's options or messages, its own call says it.
            Note(call, alias.Shadows[0].Target, e);
        }
    }

    private void Begin(Call call, ShadowTarget shadow)
    {
        Target target = shadow.Target;
        if (!shadow.IsReady || target.Health.PickRoute() is not { } route || !flights.TryEnter())
        {
            target.Variant?.Skipped();
            return;
        }

        // On the caller's thread only its body is written, before the caller goes on and perhaps changes its messages. Every method on the way there waits for the start, which comes
        // once they have all returned: one that yielded by itself could have ended before it was asked whether it has, and the rest would run here after all.
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // Nothing of the caller's context goes with it: no span of the caller's has it as a child.
        using (AsyncFlowControl flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow()) _ = RunAsync(call, target, route, start.Task);
        start.SetResult();
    }

    /// <summary>Never throws. Returns to the caller's thread once the body is written, and goes on elsewhere after the start.</summary>
    private async Task RunAsync(Call call, Target target, Route route, Task start)
    {
        Call? root = null;
        try
        {
            root = RootOf(call, target, start);
            if (root.TryBeginAttempt(target, route) is not { } attempt || !route.Limiter.TryEnterSpare(LimitStage.AdmissionOf(attempt, route.Limiter, tokens), out Permit permit))
            {
                target.Variant?.Skipped();
                root.End(CallOutcome.Abandoned);
                return;
            }

            attempt.EnterRoute(permit);
            await ReadAsync(await attempts.OpenAsync(attempt).ConfigureAwait(false) ?? throw ErrorFactory.NoReader()).ConfigureAwait(false);
            root.End(CallOutcome.Succeeded);
        }
        catch (Exception e)
        {
            root?.End(CallOutcome.From(e));
            Note(call, target, e);
        }
        finally
        {
            flights.Leave();
        }
    }

    private static async ValueTask ReadAsync(UpdateReader reader)
    {
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.ReadAsync().ConfigureAwait(false))
            {
                // Read for its end and its usage only.
            }
        }
    }

    /// <summary>The same request of nobody. The options are copied, because they are looked at again while the caller may be changing its own.</summary>
    private static Call RootOf(Call call, Target target, Task start)
    {
        var request = new CallRequest(call.Request.Alias, [target])
        {
            Operation = CallOperation.Chat,
            RequestedModel = call.RequestedModel,
            Messages = call.Messages,
            Options = call.Options?.Clone(),
            Spent = call.Request.Spent,
            ShadowStart = start,
        };
        var root = new Call(call.Services, request, call.Settings, call.IsStreaming, CancellationToken.None) { StreamsUpstream = call.StreamsUpstream };
        root.SetDeadline(call.Settings.TotalTimeout == Timeout.InfiniteTimeSpan ? LongestShadow : call.Settings.TotalTimeout);
        return root;
    }

    private static void Note(Call call, Target target, Exception error) => Log.ShadowFailed(
        call.Services.Logger, target.Name, call.RequestedModel, (error as HarborException)?.Kind.ToString() ?? error.GetType().Name, error is HarborException ? error.Message : "");
}
