using System.Diagnostics.Metrics;

namespace HarborClient.Telemetry;

/// <summary>The gauges of budgets: read from the clients that are alive when somebody collects, and never otherwise. Thread-safe.</summary>
/// <remarks>A process has one of each; clients whose budgets have the same name add up.</remarks>
internal static class BudgetMeter
{
    private static readonly GaugeSources<BudgetReading> Sources = new();

    static BudgetMeter()
    {
        const string Fullest = "; where each tenant or user has its own, that of whoever has spent most.";
        Gauge("harbor.client.budget.spent", "What was spent of a budget in its present window" + Fullest, reading => reading.Spent);
        Gauge("harbor.client.budget.reserved", "What calls under way may still spend of a budget" + Fullest, reading => reading.Reserved);
        Gauge("harbor.client.budget.limit", "The limit of a budget.", reading => reading.Limit);
    }

    /// <summary>A client's budgets are read from now on, until what is returned is disposed or collected.</summary>
    internal static IDisposable Add(Func<IEnumerable<BudgetReading>> read) => Sources.Add(read);

    private static void Gauge(string name, string description, Func<BudgetReading, long> value) =>
        HarborMeter.Meter.CreateObservableGauge(name, () => Measure(value), "{nano_usd}", description);

    private static IEnumerable<Measurement<long>> Measure(Func<BudgetReading, long> value)
    {
        var sums = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (BudgetReading reading in Sources.Read()) sums[reading.Name] = Sum(sums.GetValueOrDefault(reading.Name), value(reading));
        return sums.Select(sum => new Measurement<long>(sum.Value, new KeyValuePair<string, object?>("harbor.budget.name", sum.Key)));
    }

    private static long Sum(long one, long other) => one > long.MaxValue - other ? long.MaxValue : one + other;
}
