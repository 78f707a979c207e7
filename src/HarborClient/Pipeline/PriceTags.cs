using HarborClient.Costs;

namespace HarborClient.Pipeline;

/// <summary>The price of a target, which it keeps until the prices change.</summary>
internal static class PriceTags
{
    internal static PriceTag Of(Target target, PriceBook prices)
    {
        PriceTag? tag = target.Price;
        return tag is not null && ReferenceEquals(tag.Edition, prices.Edition) ? tag : Find(target, prices);
    }

    /// <summary>Two threads may find one each: they are equal.</summary>
    private static PriceTag Find(Target target, PriceBook prices) =>
        target.Price = prices.Find(target.Provider, PriceCatalogue.NameOf(target.System, target.IsLocal, target.Endpoint.Host), target.Model);
}
