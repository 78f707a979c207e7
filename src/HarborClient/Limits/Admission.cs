namespace HarborClient.Limits;

/// <summary>What a limiter has to know of a request that wants in.</summary>
/// <param name="Priority">Who goes first when requests have to wait.</param>
/// <param name="Tenant">On whose behalf; equals share a turn. <see langword="null"/> is a tenant of its own.</param>
/// <param name="InputTokens">Estimated size of the prompt.</param>
/// <param name="OutputTokens">Expected size of the answer.</param>
/// <param name="Remaining">What is left of the call's total time; <see cref="Timeout.InfiniteTimeSpan"/> for no end.</param>
internal readonly record struct Admission(CallPriority Priority, string? Tenant, long InputTokens, long OutputTokens, TimeSpan Remaining);
