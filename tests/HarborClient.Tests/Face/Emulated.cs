using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;

namespace HarborClient.Tests.Face;

// Clients whose providers are one emulator, in memory.
internal static class Emulated
{
    public const string Key = "sk-secret-7Qm2xWv9";
    public const string OpenAIModel = "openai/gpt-4o-mini";
    public const string LocalModel = "lab/small";

    public static readonly Uri OpenAIEndpoint = new("https://api.example.test/v1/");
    public static readonly Uri LocalEndpoint = new("http://gpu1.example.test:8000/v1/");

    public static FastClient OpenAI(ProviderEmulator provider, Action<HarborBuilder>? more = null) => FastClient.Create(h =>
    {
        h.AddOpenAI(provider).UseDefaultModel(OpenAIModel).UseDefaultEmbeddingModel("openai/text-embedding-3-small");
        more?.Invoke(h);
    });

    public static FastClient Local(ProviderEmulator provider, Action<HarborBuilder>? more = null) => FastClient.Create(h =>
    {
        h.AddLocal(provider).UseDefaultModel(LocalModel).UseDefaultEmbeddingModel("lab/embedder");
        more?.Invoke(h);
    });

    // OpenAI first, then the local host, under the alias "chat".
    public static FastClient Both(ProviderEmulator openAI, ProviderEmulator local, Action<HarborBuilder>? more = null) => FastClient.Create(h =>
    {
        h.AddOpenAI(openAI).AddLocal(local).MapModel("chat", OpenAIModel, LocalModel).UseDefaultModel("chat");
        more?.Invoke(h);
    });

    public static HarborBuilder AddOpenAI(this HarborBuilder builder, ProviderEmulator provider) => builder.AddOpenAI(Key, o =>
    {
        o.Endpoint = OpenAIEndpoint;
        o.SendOnceThrough(provider.CreateHandler());
    });

    public static HarborBuilder AddLocal(this HarborBuilder builder, ProviderEmulator provider) =>
        builder.AddLocal("lab", LocalEndpoint, o => o.SendOnceThrough(provider.CreateHandler()));

    public static async Task<List<ChatResponseUpdate>> UpdatesAsync(this FastClient client, string prompt = "hi", ChatOptions? options = null)
    {
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, prompt)], options)) updates.Add(update);
        return updates;
    }

    public static Task<ChatResponse> AskAsync(this FastClient client, string prompt = "hi", ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        client.GetResponseAsync([new ChatMessage(ChatRole.User, prompt)], options, cancellationToken);

    public static async Task<HarborException> FailureAsync(this FastClient client, string prompt = "hi", ChatOptions? options = null)
    {
        Func<Task> call = () => client.AskAsync(prompt, options);
        return (await call.Should().ThrowAsync<HarborException>()).Which;
    }

    public static JsonElement Body(this ProviderEmulator provider, int attempt = 0) =>
        provider.Attempts[attempt].BodyJson ?? throw new InvalidOperationException("The request had no JSON body.");

    // Members in any order, array elements in theirs.
    public static void ShouldBeJson(this JsonElement actual, string expected) =>
        JsonNode.DeepEquals(JsonNode.Parse(actual.GetRawText()), JsonNode.Parse(expected)).Should().BeTrue("\n{0}\nis expected, this was sent:\n{1}", expected, actual.GetRawText());
}
