using HarborClient.Pools;
using HarborClient.Providers.OpenAICompatible;

namespace HarborClient.Providers.Local;

/// <summary>A host of one's own with an OpenAI-compatible interface.</summary>
internal sealed class LocalProvider : OpenAICompatibleProvider
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

    internal LocalProvider(ProviderSetup setup, LocalOptions options, ResourceCounters counters, TimeProvider time) : base(setup, counters, time) => Api = options.Api;

    private protected override ChatDialect Dialect => Common;

    private protected override OpenAIApi? Api { get; }
}
