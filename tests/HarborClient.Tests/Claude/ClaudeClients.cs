using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Claude;

// Clients of Claude over the emulator, in memory.
internal static class ClaudeClients
{
    // One that takes a budget of thinking, and one that thinks adaptively.
    public const string Model = "claude/claude-haiku-4-5";
    public const string NewerModel = "claude/claude-opus-4-7";

    public static FastClient Of(ProviderEmulator provider, Action<ClaudeOptions>? options = null, Action<HarborBuilder>? more = null) => FastClient.Create(h =>
    {
        h.AddClaude(Emulated.Key, o =>
        {
            o.SendOnceThrough(provider.CreateHandler());
            options?.Invoke(o);
        }).UseDefaultModel(Model);
        more?.Invoke(h);
    });

    // The request that these messages and options become.
    public static async Task<JsonObject> SentAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, Action<ClaudeOptions>? configure = null, Action<HarborBuilder>? more = null)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Of(provider, configure, more);
        await client.GetResponseAsync(messages, options);
        client.Outstanding().Should().Be(Outstanding.None);
        return JsonNode.Parse(provider.Attempts[0].Body)!.AsObject();
    }

    public static Task<JsonObject> SentAsync(ChatOptions options, Action<ClaudeOptions>? configure = null) => SentAsync([new ChatMessage(ChatRole.User, "hi")], options, configure);

    // A stream of these payloads, in Claude's frames.
    public static EmulatedReply Events(params string[] payloads) =>
        EmulatedReply.Raw(string.Concat(payloads.Select(payload => $"event: {(string?)JsonNode.Parse(payload)!["type"]}\ndata: {payload}\n\n")), "text/event-stream");

    public static void ShouldBe(this JsonNode? actual, string expected) =>
        JsonNode.DeepEquals(actual, JsonNode.Parse(expected)).Should().BeTrue("\n{0}\nis expected, this was sent:\n{1}", expected, actual?.ToJsonString());
}
