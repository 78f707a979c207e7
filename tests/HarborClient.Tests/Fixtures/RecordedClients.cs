using HarborClient.Testing;

namespace HarborClient.Tests.Fixtures;

// The client that reads a recorded exchange: one with its provider, whose handler plays the recording.
internal static class RecordedClients
{
    // Whose recordings there are.
    public static readonly string[] Providers = ["openai-chat", "compat", "openai-embeddings", "openai-responses", "anthropic", "zhipu", "gemini"];

    public static bool IsEmbedding(RecordedExchange exchange) => exchange.ReadExpected()?.GetProperty("kind").GetString() == "embeddings" || exchange.Protocol == "embeddings";

    public static FastClient Of(RecordedExchange exchange, ProviderEmulator provider, TimeProvider time) => Of(exchange.Provider, provider.CreateHandler(), time);

    public static FastClient Of(string provider, HttpMessageHandler handler, TimeProvider time) => FastClient.Create(h =>
    {
        // Fast: a host that has asked to wait is asked again at once by the next case.
        h.UseTimeProvider(time).UseMode(PerformanceMode.Fast);
        _ = provider switch
        {
            "compat" => h.AddLocal("lab", new Uri("http://lab.test:8000/v1/"), o => o.SendOnceThrough(handler)).UseDefaultModel("lab/model").UseDefaultEmbeddingModel("lab/embedder"),
            "openai-chat" or "openai-embeddings" => h.AddOpenAI("sk-test-key-7Qm2xWv9", o => o.SendOnceThrough(handler)).UseDefaultModel("openai/gpt-4o-mini").UseDefaultEmbeddingModel("openai/text-embedding-3-small"),
            "openai-responses" => h.AddOpenAI("sk-test-key-7Qm2xWv9", o =>
            {
                o.Api = OpenAIApi.Responses;
                o.SendOnceThrough(handler);
            }).UseDefaultModel("openai/gpt-4o-mini"),
            "anthropic" => h.AddClaude("sk-ant-test-7Qm2xWv9", o => o.SendOnceThrough(handler)).UseDefaultModel("claude/claude-haiku-4-5"),
            "gemini" => h.AddGemini("test-key-7Qm2xWv9", o => o.SendOnceThrough(handler)).UseDefaultModel("gemini/gemini-2.5-flash").UseDefaultEmbeddingModel("gemini/gemini-embedding-001"),
            "zhipu" => h.AddZhipu("test-id.test-secret-7Qm2xWv9", o => o.SendOnceThrough(handler)).UseDefaultModel("zhipu/glm-4.6").UseDefaultEmbeddingModel("zhipu/embedding-3"),
            _ => throw new ArgumentException($"No client for {provider}.", nameof(provider)),
        };
    });
}
