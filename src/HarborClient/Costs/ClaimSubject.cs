namespace HarborClient.Costs;

/// <summary>Which account a claim is about.</summary>
/// <param name="Account">Its name at the store.</param>
/// <param name="Limit">The limit in nano-USD.</param>
/// <param name="Ends">When its window ends; null for never.</param>
/// <param name="IsHard">Whether a lease is needed at all.</param>
internal readonly record struct ClaimSubject(string Account, long Limit, DateTimeOffset? Ends, bool IsHard);
