namespace HarborClient.Costs;

/// <summary>What a model costs for as long as its price does not change. Immutable.</summary>
/// <param name="From">Its first moment; null for always.</param>
/// <param name="Until">The moment at which the next one begins; null for ever.</param>
/// <param name="Tiers">At least the standard one for all requests.</param>
internal sealed record PricePeriod(DateTimeOffset? From, DateTimeOffset? Until, RateTier[] Tiers)
{
    internal bool Holds(DateTimeOffset at) => (From is null || at >= From) && (Until is null || at < Until);

    /// <summary>
    /// The rates of a request. Of the tiers for its service and its length the one for the longest requests counts. Where a service has no rates of its own for
    /// long requests and the standard one has, the dearer of both counts: a price that nobody published is not taken for a low one.
    /// </summary>
    internal TokenRates RatesFor(long inputTokens, string? serviceTier)
    {
        RateTier standard = Longest(RateTier.Standard, inputTokens) ?? Tiers[0];
        if (serviceTier is null || Longest(serviceTier, inputTokens) is not { } own) return standard.Rates;
        return own.AboveInputTokens >= standard.AboveInputTokens || own.Rates.Input >= standard.Rates.Input ? own.Rates : standard.Rates;
    }

    internal bool HasRatesOf(string serviceTier) => Array.Exists(Tiers, tier => tier.ServiceTier.Equals(serviceTier, StringComparison.OrdinalIgnoreCase));

    private RateTier? Longest(string serviceTier, long inputTokens)
    {
        RateTier? longest = null;
        foreach (RateTier tier in Tiers)
        {
            if (inputTokens > tier.AboveInputTokens && (longest is null || tier.AboveInputTokens > longest.AboveInputTokens) && tier.ServiceTier.Equals(serviceTier, StringComparison.OrdinalIgnoreCase))
                longest = tier;
        }

        return longest;
    }
}
