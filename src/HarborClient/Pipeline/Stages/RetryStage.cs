using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using HarborClient.Telemetry;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// Asks the same target again after a transient failure: at once with another key, or after a wait that fits the deadline. Every try is an attempt of its
/// own; nothing is held while waiting. <see cref="RetryPlan"/> has the rules.
/// </summary>
internal sealed class RetryStage(PipelineStage next) : PipelineStage(next)
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<UpdateReader> OpenAsync(Call call)
    {
        Call attempt = call;
        for (int tries = 1; ; tries++)
        {
            HarborException failure;
            RetryPlan plan;
            try
            {
                return await Next.OpenAsync(attempt).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // Ended first: what the failure says about the key and the host has to be known before the next step is chosen.
                attempt.End(CallOutcome.From(e));
                if (e is not HarborException known || RetryPlan.For(attempt, known, tries) is not { } chosen) throw;
                (failure, plan) = (known, chosen);
            }

            Call root = attempt.Parent!;
            Log.Retried(root.Services.Logger, attempt.Target!.Name, failure.Kind, plan.Wait, failure.Message);
            root.Decide(plan.Kind, attempt.Target, plan.Reason, plan.Wait, failure, attempt.AttemptNumber);
            await root.PauseAsync(plan.Wait).ConfigureAwait(false);
            if (await Failover.TryRepeatAsync(root, attempt.Target, plan.Route).ConfigureAwait(false) is not { } again)
            {
                root.Decide(DecisionKind.Exclusion, attempt.Target, "its breaker opened meanwhile");
                ExceptionDispatchInfo.Throw(failure);
                throw failure;
            }

            attempt = again;
        }
    }
}
