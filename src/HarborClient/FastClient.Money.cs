using HarborClient.Costs;
using HarborClient.Pipeline;
using HarborClient.Providers;
using HarborClient.Routing;

namespace HarborClient;

/// <content>What calls have cost.</content>
public sealed partial class FastClient
{
    /// <summary>What the calls of this client have cost: reports, trends, and an export.</summary>
    public CostReports Costs { get; }

    private (CostReports Costs, CallServices Services) ConnectMoney(FastClientParts parts, ILedgerStore? store)
    {
        var ledger = new MemoryLedger(parts.Ledger.MaximumLines);
        var alerts = new CostAlerts(parts.Time, parts.Logger);
        var costs = new CostReports(ledger, parts.Prices, store, parts.Budgets, alerts, parts.Time, name => PriceOf(name, parts.Prices, _providers));
        IAttemptMeter meter = PipelineRecipes.MeterOf(parts.Prices, ledger, store, _tokens);
        return (costs, parts.ServicesFor(meter, PipelineRecipes.GuardOf(parts.Budgets, HistoryOf(parts, store), parts.Prices, alerts, parts.Time), _shutdown.Token));
    }

    /// <summary>What the budgets learn from the ledger; null where there is no store, or no budget.</summary>
    private BudgetHistory? HistoryOf(FastClientParts parts, ILedgerStore? store) =>
        store is null || parts.Budgets.IsEmpty ? null : new BudgetHistory(store, parts.Budgets, parts.Time, parts.Logger, _shutdown.Token);

    /// <summary>The price of a model that a registered provider or the catalogue lists.</summary>
    private static PriceRow? PriceOf(string name, PriceBook prices, Dictionary<string, Provider> providers)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0) return null;
        (string provider, string model) = (name[..slash], name[(slash + 1)..]);
        string? catalogue = providers.TryGetValue(provider, out Provider? known) ? PriceCatalogue.NameOf(known.TelemetryName, known.IsLocal, known.Endpoint.Host) : provider;
        return prices.Find(provider, catalogue, model).Row;
    }
}
