namespace HarborClient.Caching;

/// <summary>Says what kept answers would cost if they were made now.</summary>
internal interface ISavedPrices
{
    /// <summary>What the answer's own model charges now for what it used; null where that is not known.</summary>
    /// <param name="answer">What was kept.</param>
    /// <param name="now">A timestamp of the client's clock.</param>
    Money? CostOf(StoredAnswer answer, long now);
}
