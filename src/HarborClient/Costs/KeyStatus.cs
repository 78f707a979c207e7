namespace HarborClient;

/// <summary>How much of a key's daily quota is used (<see cref="ProviderOptions.KeyQuota"/>). The key itself is not in it. Immutable.</summary>
/// <param name="Provider">The registered name of the provider.</param>
/// <param name="Number">Which of its keys: 1 for the first.</param>
/// <param name="Tokens">Tokens used today.</param>
/// <param name="Cost">What that cost, as far as there are prices.</param>
/// <param name="TokensPerDay">The quota of tokens; <see langword="null"/> for none.</param>
/// <param name="CostPerDay">The quota of money; <see langword="null"/> for none.</param>
/// <param name="IsUsedUp">Whether it is passed over until <paramref name="ResetsAt"/>.</param>
/// <param name="ResetsAt">The next midnight.</param>
public sealed record KeyStatus(string Provider, int Number, long Tokens, Money Cost, long? TokensPerDay, Money? CostPerDay, bool IsUsedUp, DateTimeOffset ResetsAt);
