using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Zhipu;

// Clients of Zhipu's cloud over an emulated one.
internal static class ZhipuClients
{
    public const string Key = "0123456789abcdef.SecretHalf7Qm2xWv9";
    public const string Model = "glm-4.7";

    public static FastClient Of(ProviderEmulator provider, TimeProvider? time = null, Action<ZhipuOptions>? options = null, Action<HarborBuilder>? more = null) => FastClient.Create(h =>
    {
        h.AddZhipu(Key, o =>
        {
            o.SendOnceThrough(provider.CreateHandler());
            options?.Invoke(o);
        });
        h.UseTimeProvider(time ?? TimeProvider.System).UseDefaultModel("zhipu/" + Model).UseDefaultEmbeddingModel("zhipu/embedding-3");
        more?.Invoke(h);
    });

    // The body without the id, which no two requests share.
    public static JsonObject Request(this ProviderEmulator provider, int attempt = 0)
    {
        JsonObject body = JsonNode.Parse(provider.Body(attempt).GetRawText())!.AsObject();
        ((string?)body["request_id"]).Should().MatchRegex("^[0-9a-f]{32}$");
        body.Remove("request_id");
        return body;
    }

    public static void ShouldBe(this JsonNode? actual, string expected) =>
        JsonNode.DeepEquals(actual, JsonNode.Parse(expected)).Should().BeTrue("\n{0}\nis expected, this was sent:\n{1}", expected, actual?.ToJsonString());

    public static string Event(string json) => $"data: {json}\n\n";

    public static Task<ChatResponse> AnswerOf(this FastClient client, bool isStreaming, ChatOptions? options = null) =>
        client.AnswerOf([new ChatMessage(ChatRole.User, "hi")], options, isStreaming);

    public static async Task<ChatResponse> AnswerOf(this FastClient client, IEnumerable<ChatMessage> messages, ChatOptions? options, bool isStreaming) =>
        isStreaming ? (await client.GetStreamingResponseAsync(messages, options).ToListAsync()).ToHarborResponse() : await client.GetResponseAsync(messages, options);

    public static async Task<HarborException> FailureOf(this FastClient client, bool isStreaming, ChatOptions? options = null)
    {
        Func<Task> call = () => client.AnswerOf(isStreaming, options);
        return (await call.Should().ThrowAsync<HarborException>()).Which;
    }
}
