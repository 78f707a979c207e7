using HarborClient.Pools;
using HarborClient.Providers.OpenAICompatible;

namespace HarborClient.Providers.ZhipuLocal;

/// <summary>Own services of Zhipu's open models. SKELETON</summary>
internal sealed class ZhipuLocalProvider(ProviderSetup setup, ResourceCounters counters, TimeProvider time) : OpenAICompatibleProvider(setup, counters, time)
{
    internal const string DefaultName = "zhipu-local";

    private static readonly ChatDialect Documented = new()
    {
        MaxTokensMember = "max_tokens",
        EndsWithDone = false,
        HasTopK = false,
        HasBase64Embeddings = false,
    };

    private protected override ChatDialect Dialect => Documented;
}
