namespace HarborClient;

/// <summary>How a budget stands at a moment. Immutable.</summary>
/// <param name="Name">The budget.</param>
/// <param name="For">The tenant or user whose account it is; empty where the budget is one for all.</param>
/// <param name="Limit">The limit.</param>
/// <param name="Spent">What was spent in the present window.</param>
/// <param name="Reserved">What calls that are under way may still spend.</param>
/// <param name="ResetsAt">When money comes back; <see langword="null"/> for never, or where nothing was spent.</param>
public sealed record BudgetStatus(string Name, string For, Money Limit, Money Spent, Money Reserved, DateTimeOffset? ResetsAt);
