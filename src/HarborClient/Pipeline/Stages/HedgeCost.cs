using HarborClient.Limits;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>What hedges and the calls they are measured against cost. In tokens, since there are no prices yet: both sides are reckoned here and nowhere else.</summary>
internal static class HedgeCost
{
    /// <summary>Of an attempt that is cancelled before its answer begins. What the host writes until it notices is not seen.</summary>
    internal static double OfHedge(long inputTokens) => inputTokens;

    /// <summary>Of a whole call; what it reports, or the estimate of its prompt where an answer came without usage.</summary>
    private static double OfCall(Call call, long inputTokens)
    {
        if (call.Usage is not { } usage) return call.Adopted is null ? 0 : inputTokens;
        return usage.TotalTokenCount ?? ((usage.InputTokenCount ?? inputTokens) + (usage.OutputTokenCount ?? 0));
    }

    /// <summary>Pays a call's share into the budget when it ends.</summary>
    internal sealed class Payment(HedgeBudget budget, long inputTokens) : ICallCompletion
    {
        public void OnCompleted(Call call, CallOutcome outcome) => budget.OnSpent(OfCall(call, inputTokens));
    }
}
