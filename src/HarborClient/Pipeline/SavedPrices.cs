using System.Collections.Concurrent;
using HarborClient.Caching;
using HarborClient.Costs;

namespace HarborClient.Pipeline;

// Hot path: every hit in memory asks; what was reckoned within the last minute is found again.

/// <summary>What kept answers would cost at the prices of now. Thread-safe.</summary>
/// <param name="prices">The prices.</param>
/// <param name="find">Finds a price by provider and model.</param>
/// <param name="time">The client's clock.</param>
internal sealed class SavedPrices(PriceBook prices, Func<string, PriceRow?> find, TimeProvider time) : ISavedPrices
{
    private const int MostRows = 1_000;

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    // Made for the first kept answer: most clients that are built have none for long.
    private ConcurrentDictionary<string, PriceTag>? _rows;

    public Money? CostOf(StoredAnswer answer, long now)
    {
        SavedCost? known = answer.Saving;
        if (known is not null && now < known.Until && ReferenceEquals(known.Edition, prices.Edition)) return known.Cost;
        PriceEdition edition = prices.Edition;
        Money? cost = Reckon(answer, edition);
        answer.Saving = new SavedCost(edition, now + (long)(Kept.TotalSeconds * time.TimestampFrequency), cost);
        return cost;
    }

    private Money? Reckon(StoredAnswer answer, PriceEdition edition)
    {
        if (answer.Usage is not { } usage || RowOf($"{answer.Provider}/{answer.TargetModel}", edition) is not { PicoPerSecond: 0 } row) return null;
        string? tier = Said(answer, "speed") ?? Said(answer, "service_tier");
        return row.PriceOf(BilledTokens.From(usage), time.GetUtcNow(), tier, TimeSpan.Zero, Said(answer, "inference_geo"));
    }

    private PriceRow? RowOf(string name, PriceEdition edition)
    {
        ConcurrentDictionary<string, PriceTag> rows = LazyInitializer.EnsureInitialized(ref _rows, static () => new ConcurrentDictionary<string, PriceTag>(StringComparer.Ordinal));
        if (rows.TryGetValue(name, out PriceTag? known) && ReferenceEquals(known.Edition, edition)) return known.Row;
        if (rows.Count >= MostRows) rows.Clear();
        PriceRow? row = find(name);
        rows[name] = new PriceTag(edition, row);
        return row;
    }

    private static string? Said(StoredAnswer answer, string name)
    {
        foreach ((string property, string value) in answer.Properties)
        {
            if (property == name) return value;
        }

        return null;
    }
}
