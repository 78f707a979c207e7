namespace HarborClient.Costs;

/// <summary>The prices in force until the file changes. Immutable.</summary>
internal sealed class PriceEdition
{
    // By provider and model, and by every other name of the model. One text: a pair as a key is compiled by a cold process, which waits for it.
    private readonly Dictionary<string, PriceRow> _rows = new(StringComparer.Ordinal);

    internal PriceEdition(string version, List<PriceRow> rows)
    {
        Version = version;
        foreach (PriceRow row in rows)
        {
            _rows[NameOf(row.Provider, row.Model)] = row;
            foreach (string alias in row.Aliases) _rows.TryAdd(NameOf(row.Provider, alias), row);
        }
    }

    /// <summary>Which prices these are, for the ledger.</summary>
    internal string Version { get; }

    internal int Count => _rows.Count;

    internal PriceRow? Find(string provider, string model) => _rows.Count == 0 ? null : _rows.GetValueOrDefault(NameOf(provider, model));

    private static string NameOf(string provider, string model) => $"{provider}/{model}";
}
