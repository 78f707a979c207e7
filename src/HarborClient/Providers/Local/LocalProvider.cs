using HarborClient.Pools;
using HarborClient.Providers.OpenAICompatible;

namespace HarborClient.Providers.Local;

/// <summary>A host of one's own with an OpenAI-compatible interface.</summary>
internal sealed class LocalProvider(ProviderSetup setup, ResourceCounters counters, TimeProvider time) : OpenAICompatibleProvider(setup, counters, time)
{
    private static readonly ChatDialect Common = new()
    {
        // The name that every such server understands; the newer one is missing in llama.cpp, Ollama and older vLLM.
        MaxTokensMember = "max_tokens",

        // Some gateways in front of local models end a stream after the finish reason without [DONE].
        EndsWithDone = false,
        HasTopK = true,
        HasBase64Embeddings = false,
    };

    private protected override ChatDialect Dialect => Common;
}
