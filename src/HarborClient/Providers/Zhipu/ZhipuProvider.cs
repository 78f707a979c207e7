using HarborClient.Pools;
using HarborClient.Providers.OpenAICompatible;

namespace HarborClient.Providers.Zhipu;

/// <summary>Zhipu's cloud. SKELETON</summary>
internal sealed partial class ZhipuProvider(ProviderSetup setup, ResourceCounters counters, TimeProvider time) : OpenAICompatibleProvider(setup, counters, time)
{
    internal const string DefaultName = "zhipu";

    private static readonly ChatDialect Documented = new()
    {
        MaxTokensMember = "max_tokens",
        EndsWithDone = false,
        HasTopK = false,
        HasBase64Embeddings = false,
    };

    private protected override ChatDialect Dialect => Documented;
}
