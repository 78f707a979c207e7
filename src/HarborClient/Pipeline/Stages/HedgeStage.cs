using HarborClient.Costs;
using HarborClient.Errors;
using HarborClient.Limits;
using HarborClient.Telemetry;
using HarborClient.Tokens;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// Runs a second attempt beside one that is slow to begin its answer; whichever begins first is handed up, and the other is cancelled. It stands inside
/// <see cref="RetryStage"/>: while two attempts run nobody retries, and when both fail the first one's failure is what is retried or moves on. Linked only where
/// hedging is switched on. <see cref="Hedge"/> has the rules.
/// </summary>
/// <param name="next">The stage that opens an attempt.</param>
/// <param name="tokens">Sizes prompts.</param>
/// <param name="prices">Says what they cost.</param>
internal sealed class HedgeStage(PipelineStage next, TokenEstimator tokens, PriceBook prices) : PipelineStage(next)
{
    public override ValueTask<UpdateReader> OpenAsync(Call call)
    {
        Call root = call.Parent!;
        if (call.Request.Alias.Hedging is not { } budget || root.IsHedged || root.Continuation is not null || !Repeatable.Is(call)) return Next.OpenAsync(call);
        long inputTokens = tokens.Estimate(call.Target!, call.Messages, call.Options);
        if (Hedge.DelayOf(call, budget, inputTokens) is not { } delay) return Next.OpenAsync(call);
        if (call.AttemptNumber == 1)
        {
            budget.OnCall();
            root.OnCompleted(new HedgeCost.Payment(budget, inputTokens));
        }

        return OpenWatchedAsync(call, budget, inputTokens, delay);
    }

    private async ValueTask<UpdateReader> OpenWatchedAsync(Call call, HedgeBudget budget, long inputTokens, TimeSpan delay)
    {
        var first = new HedgeRunner(call, OpenAsync(Next, call));
        if (await BeginsWithinAsync(first, delay).ConfigureAwait(false) || TryBegin(call, budget, inputTokens, delay) is not { } beside) return await first.Opening.ConfigureAwait(false);
        Log.Hedged(call.Services.Logger, call.Target!.Name, delay, beside.Target!.Name);
        HedgeRunner winner = await HedgeRace.RunAsync(first, new HedgeRunner(beside, OpenAsync(Next, beside))).ConfigureAwait(false);

        // It would have taken longer still: left out, it would make its target look faster than it is, and hedges would come ever earlier.
        if (call.IsOvertaken) call.Target.Health.Figures.FirstUpdates.Add(inputTokens, call.Elapsed);
        return await winner.Opening.ConfigureAwait(false);
    }

    /// <summary>A method of its own, so that a stage of others that throws at once throws into the task.</summary>
    private static async Task<UpdateReader> OpenAsync(PipelineStage next, Call attempt) => await next.OpenAsync(attempt).ConfigureAwait(false) ?? throw ErrorFactory.NoReader();

    private static async ValueTask<bool> BeginsWithinAsync(HedgeRunner first, TimeSpan delay)
    {
        if (first.Opening.IsCompleted) return true;
        using var stop = new CancellationTokenSource();
        Task timer = Task.Delay(delay, first.Attempt.Services.Time, stop.Token);
        await Task.WhenAny(first.Opening, timer).ConfigureAwait(false);
        if (!first.Opening.IsCompleted) return false;
        await stop.CancelAsync().ConfigureAwait(false);
        return true;
    }

    private Call? TryBegin(Call slow, HedgeBudget budget, long inputTokens, TimeSpan waited)
    {
        try
        {
            return Hedge.TryBegin(slow, budget, prices, inputTokens, waited);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The caller left, or the client was disposed, at this very moment: the first attempt ends with the same, and says so.
            return null;
        }
    }
}
