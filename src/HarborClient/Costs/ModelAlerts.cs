using System.Collections.Concurrent;

namespace HarborClient.Costs;

/// <summary>Tells of the first use of a model without a price, and of a dear one. Thread-safe.</summary>
internal sealed class ModelAlerts(CostAlerts alerts, decimal? expensiveFrom, TimeProvider time)
{
    /// <summary>Names may be invented by callers: of more than this nothing is told.</summary>
    private const int MostModels = 1_000;

    // Made when there is something to tell: a cold process does not wait for tables that it may never need.
    private ConcurrentDictionary<(string Provider, string Model), byte>? _unpriced;
    private ConcurrentDictionary<(string Provider, string Model), byte>? _dear;

    // Hot path: nothing but two comparisons where the model is priced and no dear one is asked for.
    internal void Observe(in LedgerEntry entry, PriceRow? row, bool isLocal)
    {
        // A host of one's own without a price costs nothing by the call.
        if (entry.Unpriced > 0 && !isLocal && IsNew(ref _unpriced, entry))
        {
            Raise(CostAlertKind.UnpricedModel, entry, $"{entry.Provider}/{entry.Model} has no known price: what it costs is in no report and no budget. Give it one with UsePrices.");
        }
        else if (expensiveFrom is { } most && row?.OutputUsdPerMillion(entry.At) is { } price && price >= most && IsNew(ref _dear, entry))
        {
            Raise(CostAlertKind.ExpensiveModel, entry, FormattableString.Invariant($"{entry.Provider}/{entry.Model} is used, which costs ${price:0.######} for a million tokens of output; Alerts.ExpensiveFrom is ${most:0.######}."));
        }
    }

    private static bool IsNew(ref ConcurrentDictionary<(string Provider, string Model), byte>? table, in LedgerEntry entry)
    {
        ConcurrentDictionary<(string Provider, string Model), byte> known = LazyInitializer.EnsureInitialized(ref table, static () => new());
        (string, string) model = (entry.Provider, entry.Model);
        return !known.ContainsKey(model) && known.Count < MostModels && known.TryAdd(model, 0);
    }

    private void Raise(CostAlertKind kind, in LedgerEntry entry, string message) =>
        alerts.Raise(new CostAlert(kind, time.GetUtcNow(), message) { Model = $"{entry.Provider}/{entry.Model}" });
}
