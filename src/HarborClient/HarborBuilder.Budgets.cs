using HarborClient.Costs;
using HarborClient.Errors;

namespace HarborClient;

/// <content>What calls may cost.</content>
public sealed partial class HarborBuilder
{
    private readonly List<Budget> _budgets = [];

    /// <summary>Sets how much may be spent. A call has to fit into every budget that it is in.</summary>
    /// <param name="name">What it is called in errors and reports; each name once.</param>
    /// <param name="limit">The most that is spent in its window; more than nothing.</param>
    /// <param name="configure">Which calls it is about, and for how long. Default: all calls of the client, each calendar month in UTC, hard.</param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// Holds in every mode, and across failover, retries, hedges, tools and calls that run at the same time: each attempt reserves the most that it can cost at its
    /// target before it is sent (<see cref="BudgetExceededException"/> otherwise). Where a part fits, the answer's maximum of tokens is lowered to it
    /// (<see cref="HarborCallInfo.MaxOutputTokensLowered"/>).
    /// </remarks>
    public HarborBuilder AddBudget(string name, Money limit, Action<BudgetOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (limit <= Money.Zero) throw ErrorFactory.Setting(ErrorKind.Configuration, $"The limit of the budget '{name}' must be more than nothing (was {limit}).");
        if (_budgets.Any(budget => budget.Name == name)) throw ErrorFactory.Setting(ErrorKind.Configuration, $"The budget '{name}' is added twice.");
        var options = new BudgetOptions();
        configure?.Invoke(options);
        return With(() => _budgets.Add(new Budget(name, limit, options.Validated(name))));
    }

    /// <summary>A budget that is about a provider whom nobody has added, or a model under a name that no attempt has, would hold nothing.</summary>
    private BudgetBook CheckedBudgets()
    {
        foreach (Budget budget in _budgets)
        {
            if (budget.Provider is { } provider && !_providers.Exists(added => added.Name.Equals(provider, StringComparison.OrdinalIgnoreCase)))
                throw ErrorFactory.Setting(ErrorKind.Configuration, $"Budgets.{budget.Name}.Provider is '{ErrorFactory.Quote(provider)}', and no provider of that name is added. There are: {ErrorFactory.List(_providers.Select(added => added.Name))}.");

            int slash = budget.Model?.IndexOf('/', StringComparison.Ordinal) ?? -1;
            if (slash <= 0 || _providers.Find(added => added.Name.Equals(budget.Model![..slash], StringComparison.OrdinalIgnoreCase)) is not { } first) continue;
            if (budget.Provider is null || budget.Provider.Equals(first.Name, StringComparison.OrdinalIgnoreCase))
                throw ErrorFactory.Setting(ErrorKind.Configuration, $"Budgets.{budget.Name}.Model is the model's name at its provider: set Provider to '{first.Name}' and Model to '{ErrorFactory.Quote(budget.Model![(slash + 1)..])}' instead of '{ErrorFactory.Quote(budget.Model)}'.");
        }

        return new BudgetBook([.. _budgets]);
    }
}
