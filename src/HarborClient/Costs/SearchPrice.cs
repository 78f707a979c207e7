namespace HarborClient.Costs;

/// <summary>What a provider's own web search costs, by the size of its context. Nano-USD.</summary>
/// <param name="Usual">With the usual one.</param>
/// <param name="Most">At most.</param>
/// <param name="Unit">What is charged.</param>
internal sealed record SearchPrice(long Usual, long Most, SearchUnit Unit = SearchUnit.Query)
{
    /// <summary>How often a request is charged for its searches.</summary>
    /// <param name="searches">Those that the provider reports.</param>
    internal long Charged(long searches) => Unit switch
    {
        SearchUnit.Request => Math.Min(searches, 1),
        SearchUnit.Always => 1,
        _ => searches,
    };
}
