using HarborClient.Costs;
using HarborClient.Errors;

namespace HarborClient;

/// <summary>Where prices come from. The package holds a dated catalogue; a file and settings overrule it.</summary>
public sealed class PriceOptions
{
    /// <summary>A JSON file in the catalogue's format (<c>harbor-prices/1</c>), whose rows overrule those of the catalogue. Read when the client is built, and again when it changes.</summary>
    /// <value>Default <see langword="null"/>: none. At most 16 MiB.</value>
    /// <remarks>A file that is malformed when the client is built is an error. One that becomes malformed later is logged, and the prices read before stay in force.</remarks>
    public string? File { get; set; }

    /// <summary>How often it is looked whether the file has changed, while calls are made.</summary>
    /// <value>Default 1 min; 1 s to 1 day.</value>
    public TimeSpan ReloadEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What happens to calls at models without a price.</summary>
    /// <value>
    /// Default <see langword="null"/>: <see cref="UnpricedPolicy.AllowAndFlag"/>, except that a hard budget refuses them at hosts of others, because it could not hold
    /// otherwise. A host of one's own without a price costs a budget nothing.
    /// </value>
    public UnpricedPolicy? Unpriced { get; set; }

    /// <summary>Prices by <c>provider/model</c>, with the provider's registered name; they overrule the file and the catalogue.</summary>
    /// <value>Default: none.</value>
    public IDictionary<string, ModelPrice> Models { get; } = new Dictionary<string, ModelPrice>(StringComparer.Ordinal);

    internal PriceOptions Validated()
    {
        SettingCheck.Defined(Unpriced, "Prices.Unpriced");
        SettingCheck.Range(ReloadEvery, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), "Prices.ReloadEvery");
        var copy = new PriceOptions { File = File is null ? null : Path.GetFullPath(File), ReloadEvery = ReloadEvery, Unpriced = Unpriced };
        foreach ((string name, ModelPrice price) in Models) copy.Models.Add(name, price);
        return copy;
    }

    internal IEnumerable<PriceRow> Rows() => Models.Select(model => model.Value.ToRow(model.Key));
}
