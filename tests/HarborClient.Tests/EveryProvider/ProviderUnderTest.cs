using HarborClient.Tests.Face;

namespace HarborClient.Tests.EveryProvider;

// What is tested of every provider alike: how it is added, and a model of it. The emulator speaks each one's protocol.
public sealed record ProviderUnderTest(string Name, string Model, Action<HarborBuilder, HttpMessageHandler> Add)
{
    private static readonly ProviderUnderTest[] Known =
    [
        new("openai", "openai/gpt-4o-mini", (h, handler) => h.AddOpenAI("key-7Qm2xWv9", o => o.SendOnceThrough(handler))),
        new("responses", "openai/gpt-5-mini", (h, handler) => h.AddOpenAI("key-7Qm2xWv9", o =>
        {
            o.SendOnceThrough(handler);
            o.Api = OpenAIApi.Responses;
        })),
        new("azure", "azure/deployment", (h, handler) => h.AddAzureOpenAI(new Uri("https://resource.test/"), "key-7Qm2xWv9", o => o.SendOnceThrough(handler))),
        new("claude", "claude/claude-haiku-4-5", (h, handler) => h.AddClaude("key-7Qm2xWv9", o => o.SendOnceThrough(handler))),
        new("gemini", "gemini/gemini-2.5-flash", (h, handler) => h.AddGemini("key-7Qm2xWv9", o => o.SendOnceThrough(handler))),
        new("zhipu", "zhipu/glm-4.6", (h, handler) => h.AddZhipu("id.secret-7Qm2xWv9", o => o.SendOnceThrough(handler))),
        new("zhipu-local", "zhipu-local/chatglm3-6b", (h, handler) => h.AddZhipuLocal(Emulated.LocalEndpoint, o => o.SendOnceThrough(handler))),
        new("local", "lab/model", (h, handler) => h.AddLocal("lab", Emulated.LocalEndpoint, o => o.SendOnceThrough(handler))),
    ];

    public static TheoryData<ProviderUnderTest> All => [.. Known];

    public static ProviderUnderTest Named(string name) => Array.Find(Known, provider => provider.Name == name)!;

    public override string ToString() => Name;

    internal FastClient Create(HttpMessageHandler handler, Action<HarborBuilder>? more = null) => FastClient.Create(h =>
    {
        Add(h, handler);
        h.UseDefaultModel(Model);
        more?.Invoke(h);
    });
}
