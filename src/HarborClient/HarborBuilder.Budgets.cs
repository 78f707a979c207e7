using HarborClient.Costs;
using HarborClient.Errors;
using Microsoft.Extensions.Logging;

namespace HarborClient;

/// <content>What calls may cost.</content>
public sealed partial class HarborBuilder
{
    private readonly List<Budget> _budgets = [];
    private readonly BudgetSharingOptions _budgetSharing = new();
    private Func<IBudgetStore>? _createBudgetStore;
    private bool _ownsBudgetStore;

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

    /// <summary>Shares all budgets of the client with other processes that use the same store: they spend one limit together, and what has been spent outlives them.</summary>
    /// <param name="store">Stays the caller's: it is not disposed, and has to live as long as the client.</param>
    /// <param name="configure">Changes the options; those of several calls add up.</param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// A cap stays a cap: each process spends from what it has leased, and asks for more beside its calls; a call waits for the store only where it does not fit into what is leased
    /// (<see cref="BudgetSharingOptions.MaximumWait"/>). Budgets are the same where name, window and user or tenant are. With a store the store is the truth: what a ledger
    /// (<see cref="UseLedgerStore"/>) says was spent before is not counted. Rolling windows cannot be shared. Soft budgets report, and never wait.
    /// </remarks>
    public HarborBuilder UseBudgetStore(IBudgetStore store, Action<BudgetSharingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        configure?.Invoke(_budgetSharing);
        return With(() => (_createBudgetStore, _ownsBudgetStore) = (() => store, false));
    }

    /// <summary>Shares all budgets of the client through a store that the client makes when it is built and disposes when it is disposed, if it can be.</summary>
    /// <param name="create">Makes it.</param>
    /// <param name="configure">Changes the options; those of several calls add up.</param>
    /// <returns>This builder.</returns>
    /// <remarks>As <see cref="UseBudgetStore(IBudgetStore, Action{BudgetSharingOptions})"/>.</remarks>
    public HarborBuilder UseBudgetStore(Func<IBudgetStore> create, Action<BudgetSharingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(create);
        configure?.Invoke(_budgetSharing);
        return With(() => (_createBudgetStore, _ownsBudgetStore) = (create, true));
    }

    private BudgetSharing? CreateBudgetSharing(BudgetBook budgets, ILogger logger)
    {
        if (_createBudgetStore is null) return null;
        BudgetSharingOptions options = _budgetSharing.Validated();
        BudgetSharing.Check(budgets.All);
        IBudgetStore store = _createBudgetStore() ?? throw ErrorFactory.Setting(ErrorKind.Configuration, "The function given to UseBudgetStore returned null instead of a store.");
        return new BudgetSharing(store, _ownsBudgetStore, options, budgets, _time, logger);
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
