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

    private protected override ChatDialect Dialect => Documented;
}
