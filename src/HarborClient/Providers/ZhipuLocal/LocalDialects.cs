using HarborClient.Providers.OpenAICompatible;

namespace HarborClient.Providers.ZhipuLocal;

/// <summary>The dialect of each profile.</summary>
internal static class LocalDialects
{
    private static readonly ChatDialect OpenAI = new() { MaxTokensMember = "max_tokens", EndsWithDone = false, HasTopK = true, HasBase64Embeddings = false };

    private static readonly ChatDialect ChatGlm3 = new()
    {
        MaxTokensMember = "max_tokens",
        EndsWithDone = false,
        HasTopK = true,
        HasBase64Embeddings = false,

        // vLLM knows only the model's own end token, 2; the model ends its part with <|user|> (64795) or <|observation|> (64797).
        StopSequences = ["<|user|>", "<|observation|>"],
        StopTokenIds = [64795, 64797, 2],
    };

    private static readonly ChatDialect ChatGlm3Demo = new()
    {
        MaxTokensMember = "max_tokens",
        EndsWithDone = false,
        HasTopK = false,
        HasBase64Embeddings = false,
        WriteMessages = ChatGlm3MessageWriter.Write,
    };

    private static readonly ChatDialect CodeGeeX = new()
    {
        MaxTokensMember = "max_tokens",
        EndsWithDone = false,
        HasTopK = true,
        HasBase64Embeddings = false,
        StreamsByDefault = true,
        HasIds = false,

        // <|endoftext|>, <|user|> and <|observation|>, as the model's own examples stop.
        StopTokenIds = [151329, 151336, 151338],
    };

    private static readonly ChatDialect CogAgent = new()
    {
        MaxTokensMember = "max_tokens",
        EndsWithDone = false,
        HasTopK = false,
        HasBase64Embeddings = false,
        EndsWithBody = true,
        WriteMessages = CogAgentMessageWriter.Write,
    };

    internal static ChatDialect Of(ZhipuLocalProfile profile) => profile switch
    {
        ZhipuLocalProfile.ChatGlm3 => ChatGlm3,
        ZhipuLocalProfile.ChatGlm3Demo => ChatGlm3Demo,
        ZhipuLocalProfile.CodeGeeX => CodeGeeX,
        ZhipuLocalProfile.CogAgent => CogAgent,
        _ => OpenAI,
    };

    /// <summary>The profile that a model's name tells.</summary>
    internal static ZhipuLocalProfile ProfileOf(string model) =>
        model.Contains("chatglm3", StringComparison.OrdinalIgnoreCase) ? ZhipuLocalProfile.ChatGlm3
        : model.Contains("codegeex", StringComparison.OrdinalIgnoreCase) ? ZhipuLocalProfile.CodeGeeX
        : model.Contains("cogagent", StringComparison.OrdinalIgnoreCase) ? ZhipuLocalProfile.CogAgent
        : ZhipuLocalProfile.OpenAI;
}
