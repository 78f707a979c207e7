using HarborClient.Costs;
using HarborClient.Limits;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>What hedges and the calls they are measured against cost: in tokens, and in money where that is known. Both sides are reckoned here and nowhere else.</summary>
internal static class HedgeCost
{
    /// <summary>Of an attempt that is cancelled before its answer begins. What the host writes until it notices is not seen. In money where the calls that pay for it are, too.</summary>
    internal static HedgeSpend OfHedge(PriceBook prices, Call slow, Target place, long inputTokens)
    {
        DateTimeOffset now = slow.Services.Time.GetUtcNow();
        return new HedgeSpend(inputTokens, PriceOf(prices, slow.Target!, inputTokens, now) is null ? null : PriceOf(prices, place, inputTokens, now));
    }

    /// <summary>Of a whole call; what it cost and reports, or the estimate of its prompt where an answer came without usage.</summary>
    private static HedgeSpend OfCall(Call call, long inputTokens)
    {
        if (call.Adopted is not { } attempt) return default;
        double tokens = call.Usage is { } usage ? usage.TotalTokenCount ?? ((usage.InputTokenCount ?? inputTokens) + (usage.OutputTokenCount ?? 0)) : inputTokens;
        return new HedgeSpend(tokens, attempt.AttemptCost?.NanoUsd);
    }

    /// <summary>Of a prompt, in nano-USD; null where it is not known.</summary>
    private static double? PriceOf(PriceBook prices, Target target, long inputTokens, DateTimeOffset now) =>
        PriceTags.Of(target, prices).Row?.PriceOf(new BilledTokens(PlainInput: inputTokens), now, null, TimeSpan.Zero)?.NanoUsd;

    /// <summary>Pays a call's share into the budget when it ends.</summary>
    internal sealed class Payment(HedgeBudget budget, long inputTokens) : ICallCompletion
    {
        public void OnCompleted(Call call, CallOutcome outcome) => budget.OnSpent(OfCall(call, inputTokens));
    }
}
