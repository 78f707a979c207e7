namespace HarborClient.Costs;

/// <summary>The prices in force until the file changes. Immutable.</summary>
/// <param name="Version">Which prices these are, for the ledger.</param>
/// <param name="FileRows">By provider and model, and by every other name of the model.</param>
internal sealed record PriceEdition(string Version, IReadOnlyDictionary<(string Provider, string Model), PriceRow> FileRows)
{
    internal static PriceEdition Of(string version, IEnumerable<PriceRow> rows)
    {
        var known = new Dictionary<(string, string), PriceRow>();
        foreach (PriceRow row in rows)
        {
            known[(row.Provider, row.Model)] = row;
            foreach (string alias in row.Aliases) known.TryAdd((row.Provider, alias), row);
        }

        return new PriceEdition(version, known);
    }
}
