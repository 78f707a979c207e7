namespace HarborClient.DependencyInjection;

/// <summary>The Prices section; what it leaves out stays as code set it. A name with a colon cannot be a key here: such models are priced in code, or in a file.</summary>
internal sealed class PriceSection
{
    public string? File { get; set; }

    public TimeSpan? ReloadEvery { get; set; }

    public UnpricedPolicy? Unpriced { get; set; }

    public Dictionary<string, ModelPrice> Models { get; } = [];

    internal void ApplyTo(PriceOptions options)
    {
        options.File = File ?? options.File;
        options.ReloadEvery = ReloadEvery ?? options.ReloadEvery;
        options.Unpriced = Unpriced ?? options.Unpriced;
        foreach ((string name, ModelPrice price) in Models) options.Models[name] = price;
    }
}
