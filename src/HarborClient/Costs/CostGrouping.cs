using System.Globalization;

namespace HarborClient.Costs;

/// <summary>Adds entries of a ledger up to the rows of a report.</summary>
internal sealed class CostGrouping(CostGroup by, Func<LedgerEntry, Money?>? counterfactual)
{
    private const char BetweenTags = '\n';

    private readonly Dictionary<string, CostRow> _rows = new(StringComparer.Ordinal);
    private CostRow _total = EmptyRow("", counterfactual);

    internal void Add(in LedgerEntry entry)
    {
        Money? other = counterfactual?.Invoke(entry);
        _total = Sum(_total, entry, other);
        if (by == CostGroup.Tag && entry.Tags is { } tags)
        {
            foreach (string tag in tags.Split(BetweenTags)) Add(tag, entry, other);
        }
        else
        {
            Add(KeyOf(entry), entry, other);
        }
    }

    internal CostReport ToReport(DateTimeOffset? knownSince)
    {
        IEnumerable<CostRow> ordered = by == CostGroup.Day
            ? _rows.Values.OrderBy(row => row.Key, StringComparer.Ordinal)
            : _rows.Values.OrderByDescending(row => row.Cost).ThenBy(row => row.Key, StringComparer.Ordinal);
        return new CostReport([.. ordered], _total, knownSince);
    }

    /// <summary>Labels as the ledger keeps them.</summary>
    internal static string? TextOf(IReadOnlyDictionary<string, string>? tags) => tags is not { Count: > 0 } ? null
        : string.Join(BetweenTags, tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{Line(tag.Key)}={Line(tag.Value)}"));

    /// <summary>Whether a label is among those that the ledger keeps.</summary>
    internal static bool HasTag(string? tags, string name, string value) => tags is not null && tags.Split(BetweenTags).Contains($"{Line(name)}={Line(value)}", StringComparer.Ordinal);

    private static string Line(string text) => text.Replace(BetweenTags, ' ');

    private static CostRow EmptyRow(string key, Func<LedgerEntry, Money?>? counterfactual) => new() { Key = key, Counterfactual = counterfactual is null ? null : Money.Zero };

    private void Add(string key, in LedgerEntry entry, Money? other) => _rows[key] = Sum(_rows.GetValueOrDefault(key) ?? EmptyRow(key, counterfactual), entry, other);

    private string KeyOf(in LedgerEntry entry) => by switch
    {
        CostGroup.Provider => entry.Provider,
        CostGroup.Model => $"{entry.Provider}/{entry.Model}",
        CostGroup.Alias => entry.Alias,
        CostGroup.Tenant => entry.Tenant ?? "",
        CostGroup.User => entry.User ?? "",
        CostGroup.Endpoint => entry.Endpoint,
        CostGroup.Day => entry.At.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => "",
    };

    private static CostRow Sum(CostRow row, in LedgerEntry entry, Money? other) => row with
    {
        Cost = row.Cost + entry.Cost,
        Estimated = row.Estimated + entry.Estimated,
        Calls = row.Calls + entry.Calls,
        Attempts = row.Attempts + entry.Attempts,
        Unpriced = row.Unpriced + entry.Unpriced,
        Tokens = row.Tokens + entry.Tokens,

        // Where one part has no price, neither has the sum, whatever follows.
        Counterfactual = row.Counterfactual + other,
    };
}
