namespace HarborClient.Costs;

/// <summary>What one query of a provider's own web search costs, by the size of its context. Nano-USD.</summary>
/// <param name="Usual">With the usual one.</param>
/// <param name="Most">At most.</param>
internal sealed record SearchPrice(long Usual, long Most);
