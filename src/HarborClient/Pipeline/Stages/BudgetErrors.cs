using HarborClient.Costs;
using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>The errors of budgets: what happened, how the budget stands, and what would change it.</summary>
internal static class BudgetErrors
{
    internal static BudgetExceededException Refused(BudgetStatus status, Target target, Money most, in SpendBounds bounds, long output, DateTimeOffset now) => new(
        status,
        FormattableString.Invariant($"{Name(status)} has no room for a call to {target}, which can cost up to {most}: at most {bounds.Input:N0} tokens of prompt and {output:N0} of answer. ")
        + FormattableString.Invariant($"Limit {status.Limit}, spent {status.Spent}, reserved by calls under way {status.Reserved}{Resets(status)}. ")
        + "Lower ChatOptions.MaxOutputTokens, shorten the prompt, or raise the limit (AddBudget). Nothing was sent.")
    {
        RetryAfter = status.ResetsAt is { } at && at > now ? at - now : null,
        Provider = target.Provider,
        Model = target.Model,
    };

    internal static BudgetExceededException Cut(BudgetStatus status, Target target, string what, ChatResponse partial) => new(
        status,
        $"The answer of {target} {what}. {Name(status)}: limit {status.Limit}, spent {status.Spent}, reserved by calls under way {status.Reserved}{Resets(status)}. Partial holds what had arrived.")
    {
        Partial = partial,
        Provider = target.Provider,
        Model = target.Model,
    };

    internal static HarborException Unpriced(Target target, string version)
    {
        HarborException error = ErrorFactory.Setting(
            ErrorKind.Budget,
            $"{target} has no known price for what it is asked for (prices {version}), so its calls are refused{(target.IsLocal ? "" : " under a hard budget")}. Give it one with UsePrices(p => p.Models[\"{target}\"] = …), or set Prices.Unpriced to EstimateHigh or AllowAndFlag. Nothing was sent.");
        (error.Provider, error.Model) = (target.Provider, target.Model);
        return error;
    }

    internal static HarborException HistoryUnknown(Target target, string? source, Exception failure)
    {
        HarborException error = ErrorFactory.Setting(
            ErrorKind.Budget,
            $"What was spent before this client was built cannot be read from the ledger {source}, so calls in a hard budget are refused: {failure.Message} It is tried again every second while calls are made. "
            + "Repair the ledger's place, or build the client without its store. Nothing was sent.",
            failure);
        (error.Provider, error.Model) = (target.Provider, target.Model);
        return error;
    }

    internal static HarborException StoreAway(BudgetStatus status, Target target, string? source)
    {
        HarborException error = ErrorFactory.Setting(
            ErrorKind.Budget,
            $"{Name(status)} is shared with other processes through {source}, which does not answer, so a call to {target} is refused. It is asked again every second while calls are made. "
            + "Repair its place, or say with BudgetSharing.Outage that calls go on (UseBudgetStore: ContinueOnLease while what was leased lasts, Open beyond it). Nothing was sent.");
        (error.Provider, error.Model) = (target.Provider, target.Model);
        return error;
    }

    private static string Name(BudgetStatus status) => status.For.Length == 0 ? $"The budget '{status.Name}'" : $"The budget '{status.Name}' of '{ErrorFactory.Quote(status.For, 100)}'";

    private static string Resets(BudgetStatus status) => status.ResetsAt is { } at ? FormattableString.Invariant($", resets at {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC") : "";
}
