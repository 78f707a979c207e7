namespace HarborClient.Providers;

/// <content>How large an embedding request may be.</content>
internal abstract partial class Provider
{
    /// <summary>Most texts in one embedding request where the options say nothing: own servers take few (text-embeddings-inference 32).</summary>
    private protected virtual int EmbeddingItems => 32;

    /// <summary>Most tokens in one embedding request where the options say nothing.</summary>
    private protected virtual int EmbeddingTokens => 100_000;

    internal EmbeddingLimits EmbeddingLimits
    {
        get
        {
            EmbeddingBatchOptions given = _setup.EmbeddingBatches;
            return new EmbeddingLimits(given.IsEnabled, given.MaxItems ?? EmbeddingItems, given.MaxTokens ?? EmbeddingTokens, given.MaxWait, given.MaxConcurrentBatches);
        }
    }
}
