using HarborClient.Pools;
using HarborClient.Providers.OpenAICompatible;

namespace HarborClient.Providers.AzureOpenAI;

/// <summary>An Azure OpenAI resource. SKELETON</summary>
internal sealed class AzureOpenAIProvider(ProviderSetup setup, ResourceCounters counters, TimeProvider time) : OpenAICompatibleProvider(setup, counters, time)
{
    internal const string DefaultName = "azure";

    private static readonly ChatDialect Documented = new()
    {
        MaxTokensMember = "max_tokens",
        EndsWithDone = false,
        HasTopK = false,
        HasBase64Embeddings = false,
    };

    /// <summary>Documented: 2,048 texts and 300,000 tokens; ours are estimates, so a tenth less.</summary>
    private protected override int EmbeddingItems => 2048;

    private protected override int EmbeddingTokens => 270_000;

    private protected override ChatDialect Dialect => Documented;
}
