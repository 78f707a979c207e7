using HarborClient.Costs;
using HarborClient.Pipeline.Stages;
using HarborClient.Tokens;

namespace HarborClient.Pipeline;

/// <content>What all recipes share of money.</content>
internal static partial class PipelineRecipes
{
    /// <summary>Prices the attempts of every mode. The client's number need not be secret, only another one than any other client's.</summary>
    internal static IAttemptMeter MeterOf(PriceBook prices, MemoryLedger ledger, ILedgerStore? store, TokenEstimator tokens, ModelAlerts models, LedgerRounds rounds) =>
        new AttemptMeter(prices, ledger, store, tokens, models, rounds, (ulong)Random.Shared.NextInt64());

    /// <summary>Holds the attempts of every mode to their budgets; null where nothing is ever refused.</summary>
    internal static ISpendGuard? GuardOf(BudgetBook budgets, BudgetHistory? history, PriceBook prices, CostAlerts alerts, TimeProvider time) =>
        budgets.IsEmpty && prices.Unpriced != UnpricedPolicy.Refuse ? null : new SpendGuard(budgets, history, prices, alerts, time);
}
