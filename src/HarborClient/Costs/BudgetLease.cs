namespace HarborClient;

/// <summary>What a process may spend of a budget that processes share, and how its account stands. Immutable.</summary>
/// <param name="Granted">What the holder may spend in all since the window began; never less than <see cref="BudgetClaim.Kept"/>.</param>
/// <param name="Leased">The leases of all holders together, what they have spent included.</param>
/// <param name="Spent">What all holders have reported as spent, and what those hold that are not heard of any more.</param>
/// <param name="SpentBefore">The same, just before this claim.</param>
public sealed record BudgetLease(Money Granted, Money Leased, Money Spent, Money SpentBefore);
