using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Gemini;

// Clients of Gemini over an emulator, and what tests of it need again and again.
internal static class GeminiClients
{
    public const string Model = "gemini/gemini-2.5-flash";

    public static FastClient Create(ProviderEmulator provider, Action<HarborBuilder>? more = null, Action<GeminiOptions>? options = null) => FastClient.Create(h =>
    {
        h.AddGemini(Emulated.Key, o =>
        {
            o.SendOnceThrough(provider.CreateHandler());
            options?.Invoke(o);
        });
        h.UseDefaultModel(Model).UseDefaultEmbeddingModel("gemini/gemini-embedding-001");
        more?.Invoke(h);
    });

    // A client whose every answer is this body.
    public static FastClient Answering(string body, string contentType = "application/json", int status = 200) =>
        Create(new ProviderEmulator().Otherwise(EmulatedReply.Raw(body, contentType, status)));

    public static FastClient Streaming(params string[] chunks) => Answering(string.Concat(chunks.Select(Event)), "text/event-stream");

    public static string Event(string chunk) => $"data: {chunk}\r\n\r\n";

    // An answer, or a chunk of one, with these parts.
    public static string Parts(string parts, string? finish = "STOP") =>
        $$"""{"candidates":[{"content":{"parts":[{{parts}}],"role":"model"}{{(finish is null ? "" : $",\"finishReason\":\"{finish}\"")}},"index":0}]}""";

    // The contents as they went out, after an answer was sent back with a question behind it.
    public static async Task<JsonNode> SentBackAsync(IEnumerable<ChatMessage> answer, params AIContent[] next)
    {
        var provider = new ProviderEmulator();
        await using var client = Create(provider);
        await client.GetResponseAsync([new(ChatRole.User, "q"), .. answer, new(ChatRole.User, next.Length == 0 ? [new TextContent("and?")] : [.. next])]);
        return JsonNode.Parse(provider.Body().GetProperty("contents").GetRawText())!;
    }

    public static async Task<ChatResponse> FoldedAsync(this FastClient client) => (await client.UpdatesAsync()).ToChatResponse();

    public static List<AIContent> Contents(this ChatResponse answer) => [.. answer.Messages.SelectMany(message => message.Contents)];

    public static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement.Clone();
}
