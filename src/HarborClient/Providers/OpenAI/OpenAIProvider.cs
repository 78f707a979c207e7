using HarborClient.Pools;
using HarborClient.Providers.OpenAICompatible;

namespace HarborClient.Providers.OpenAI;

/// <summary>OpenAI's own service.</summary>
internal sealed class OpenAIProvider(ProviderSetup setup, ResourceCounters counters, TimeProvider time) : OpenAICompatibleProvider(setup, counters, time)
{
    internal const string DefaultName = "openai";

    private static readonly ChatDialect Documented = new()
    {
        MaxTokensMember = "max_completion_tokens",
        EndsWithDone = true,
        HasTopK = false,
        HasBase64Embeddings = true,
    };

    /// <summary>How OpenAI's own model ids begin; a bare id that begins so is taken to be one.</summary>
    private static readonly string[] ModelPrefixes = ["gpt-", "chatgpt-", "o1", "o3", "o4", "text-embedding-"];

    /// <summary>Model ids that think before they answer, by beginning.</summary>
    private static readonly string[] ThinkingPrefixes = ["gpt-5", "o1", "o3", "o4"];

    internal override string TelemetryName => "openai";

    /// <summary>Documented: 2,048 texts and 300,000 tokens; ours are estimates, so a tenth less.</summary>
    private protected override int EmbeddingItems => 2048;

    private protected override int EmbeddingTokens => 270_000;

    private protected override ChatDialect Dialect => Documented;

    internal override bool Serves(string model) => base.Serves(model) || BeginsWithAny(model, ModelPrefixes);

    internal override bool Thinks(Call attempt) => base.Thinks(attempt) || BeginsWithAny(attempt.Target!.Model, ThinkingPrefixes);

    private static bool BeginsWithAny(string model, string[] prefixes)
    {
        foreach (string prefix in prefixes)
        {
            if (model.StartsWith(prefix, StringComparison.Ordinal)) return true;
        }

        return false;
    }
}
