namespace HarborClient.Costs;

/// <summary>Money that is kept for an attempt until it is known what it cost. Whoever holds it settles it, once.</summary>
/// <param name="Account">Where.</param>
/// <param name="Nano">How much.</param>
/// <param name="Slot">The window it was taken from: what is spent is spent there, however late it is known.</param>
internal readonly record struct BudgetHold(BudgetAccount Account, long Nano, long Slot);
