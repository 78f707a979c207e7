using HarborClient.Costs;
using HarborClient.Pipeline;
using HarborClient.Providers;
using HarborClient.Routing;
using HarborClient.Telemetry;

namespace HarborClient;

/// <content>What calls have cost.</content>
public sealed partial class FastClient
{
    /// <summary>What the calls of this client have cost: reports, trends, and an export.</summary>
    public CostReports Costs { get; }

    // The gauges of budgets; null where there are none.
    private readonly IDisposable? _budgets;

    private static IEnumerable<BudgetReading> ReadBudgets(BudgetBook budgets, TimeProvider time) =>
        budgets.Fullest(time.GetUtcNow()).Select(status => new BudgetReading(status.Name, status.Limit.NanoUsd, status.Spent.NanoUsd, status.Reserved.NanoUsd));

    private (CostReports Costs, CallServices Services) ConnectMoney(FastClientParts parts, ILedgerStore? store)
    {
        Cache.Prices = new SavedPrices(parts.Prices, name => PriceOf(name, parts.Prices, _providers), parts.Time);
        var ledger = new MemoryLedger(parts.Ledger.MaximumLines);
        AlertWebhook? webhook = parts.Alerts is { Webhook: not null } posts ? new AlertWebhook(posts, parts.Time, parts.Logger, _shutdown.Token) : null;
        var alerts = new CostAlerts(parts.Time, parts.Logger) { Webhook = webhook };
        var costs = new CostReports(ledger, parts.Prices, store, parts.Budgets, alerts, parts.Time, name => PriceOf(name, parts.Prices, _providers));
        costs.Rounds = RoundsOf(parts, costs, alerts);
        _spending?.Start(alerts);
        IAttemptMeter meter = PipelineRecipes.MeterOf(parts.Prices, ledger, store, _tokens, new ModelAlerts(alerts, parts.Alerts?.ExpensiveFrom, parts.Time), costs.Rounds);
        return (costs, parts.ServicesFor(meter, PipelineRecipes.GuardOf(parts.Budgets, HistoryOf(parts, store), parts.Prices, alerts, parts.Time), _shutdown.Token));
    }

    /// <summary>What is done when hours and days are over.</summary>
    private LedgerRounds RoundsOf(FastClientParts parts, CostReports costs, CostAlerts alerts)
    {
        UnusualSpend? unusual = parts.Alerts?.UnusualFrom is { } from ? new UnusualSpend(costs, alerts, Money.FromUsd(from), parts.Time, parts.Logger) : null;
        return new LedgerRounds(new DayReports(costs, parts.Ledger.DailyReportFolder, parts.Logger), unusual, parts.Time, _shutdown.Token);
    }

    /// <summary>What the budgets learn from the ledger; null where there is none, or no budget, or other processes spend too: then their store is the truth.</summary>
    private BudgetHistory? HistoryOf(FastClientParts parts, ILedgerStore? store) =>
        store is null || _spending is not null || parts.Budgets.IsEmpty ? null : new BudgetHistory(store, parts.Budgets, parts.Time, parts.Logger, _shutdown.Token);

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
