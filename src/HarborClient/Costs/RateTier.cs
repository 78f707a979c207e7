namespace HarborClient.Costs;

/// <summary>Rates that take the place of others for a whole request.</summary>
/// <param name="ServiceTier">The service tier they are for; <see cref="Standard"/> for requests without one.</param>
/// <param name="AboveInputTokens">They hold for requests with more input tokens than this; -1 for all.</param>
/// <param name="Rates">The rates.</param>
internal sealed record RateTier(string ServiceTier, long AboveInputTokens, TokenRates Rates)
{
    internal const string Standard = "standard";
}
