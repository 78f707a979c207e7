namespace HarborClient.Telemetry;

/// <summary>How a budget stands. Nano-USD.</summary>
/// <param name="Name">The budget.</param>
/// <param name="Limit">Its limit.</param>
/// <param name="Spent">What was spent in the present window.</param>
/// <param name="Reserved">What calls under way may still spend.</param>
internal sealed record BudgetReading(string Name, long Limit, long Spent, long Reserved);
