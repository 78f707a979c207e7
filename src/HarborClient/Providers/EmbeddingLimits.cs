namespace HarborClient.Providers;

/// <summary>How much of embedding a provider takes at once.</summary>
internal sealed record EmbeddingLimits(bool IsEnabled, int MaxItems, int MaxTokens, TimeSpan MaxWait, int MaxConcurrentBatches)
{
    /// <summary>The limits that hold for both.</summary>
    internal static EmbeddingLimits Least(EmbeddingLimits one, EmbeddingLimits other) => new(
        one.IsEnabled && other.IsEnabled,
        Math.Min(one.MaxItems, other.MaxItems),
        Math.Min(one.MaxTokens, other.MaxTokens),
        one.MaxWait < other.MaxWait ? one.MaxWait : other.MaxWait,
        Math.Min(one.MaxConcurrentBatches, other.MaxConcurrentBatches));
}
