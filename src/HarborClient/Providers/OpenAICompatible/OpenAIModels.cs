namespace HarborClient.Providers.OpenAICompatible;

/// <summary>What OpenAI's model ids tell.</summary>
internal static class OpenAIModels
{
    /// <summary>How OpenAI's own model ids begin; a bare id that begins so is taken to be one.</summary>
    private static readonly string[] Prefixes = ["gpt-", "chatgpt-", "o1", "o3", "o4", "text-embedding-"];

    /// <summary>Model ids that think before they answer, by beginning.</summary>
    private static readonly string[] ThinkingPrefixes = ["gpt-5", "o1", "o3", "o4"];

    internal static bool AreOpenAIs(string model) => BeginsWithAny(model, Prefixes);

    internal static bool Think(string model) => BeginsWithAny(model, ThinkingPrefixes);

    /// <summary>Whether reasoning can be asked for in its encrypted form; the chat variants of thinking families refuse that.</summary>
    internal static bool EncryptReasoning(string model) => Think(model) && !model.Contains("-chat", StringComparison.Ordinal);

    private static bool BeginsWithAny(string model, string[] prefixes)
    {
        foreach (string prefix in prefixes)
        {
            if (model.StartsWith(prefix, StringComparison.Ordinal)) return true;
        }

        return false;
    }
}
