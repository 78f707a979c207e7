using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Face;

// Requests that other clients sent to OpenAI, read into the neutral vocabulary and written again by ours.
public sealed class RecordedRequestTests
{
    // Written by the client, by settings of its own, or older names for what it writes.
    private static readonly string[] NotCompared = ["model", "messages", "stream", "stream_options"];

    [RecordedTrafficTheory]
    [InlineData("openai-chat", 20)]
    [InlineData("compat", 20)]
    public async Task A_recorded_request_comes_out_as_it_went_in(string folder, int least)
    {
        int compared = 0;
        foreach (RecordedExchange exchange in RecordedTraffic.Of(folder).Where(exchange => !exchange.RequestBody.IsEmpty))
        {
            JsonObject recorded = JsonNode.Parse(exchange.RequestBody.Span)!.AsObject();
            if (recorded["messages"] is not JsonArray wanted || MessagesOf(wanted) is not { } messages) continue;
            JsonObject sent = await SendAsync(folder, recorded, messages);

            JsonNode.DeepEquals(Normal(sent["messages"]!), Normal(wanted)).Should().BeTrue("{0}:\n{1}\nis expected, this was sent:\n{2}", exchange.Name, Normal(wanted), Normal(sent["messages"]!));
            foreach ((string name, JsonNode? value) in recorded.Where(member => !NotCompared.Contains(member.Key)))
                JsonNode.DeepEquals(sent[name], value).Should().BeTrue("{0}: {1} is passed through", exchange.Name, name);
            compared++;
        }

        TestReport.Add($"{folder}: {compared} recorded requests compared");
        compared.Should().BeGreaterThan(least);
    }

    private static async Task<JsonObject> SendAsync(string folder, JsonObject recorded, List<ChatMessage> messages)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = RecordedClients.Of(folder, provider.CreateHandler(), TimeProvider.System);
        var options = new ChatOptions { ModelId = (folder == "compat" ? "lab/" : "openai/") + (recorded["model"] ?? "in-the-address"), AdditionalProperties = [] };
        foreach ((string name, JsonNode? value) in recorded.Where(member => !NotCompared.Contains(member.Key))) options.AdditionalProperties[name] = value;
        await client.GetResponseAsync(messages, options);
        return JsonNode.Parse(provider.Attempts[0].Body)!.AsObject();
    }

    // Null where a message has something that this test does not read.
    private static List<ChatMessage>? MessagesOf(JsonArray recorded)
    {
        List<ChatMessage> messages = [];
        foreach (JsonObject message in recorded.OfType<JsonObject>())
        {
            var role = new ChatRole(message["role"]!.GetValue<string>());
            if (ContentsOf(message, role) is not { } contents) return null;
            messages.Add(new ChatMessage(role, contents) { AuthorName = (string?)message["name"] });
        }

        return messages;
    }

    private static List<AIContent>? ContentsOf(JsonObject message, ChatRole role)
    {
        if (message["content"] is JsonArray) return null;
        string? text = (string?)message["content"];
        if (role == ChatRole.Tool) return [new FunctionResultContent((string?)message["tool_call_id"] ?? "", text)];
        List<AIContent> contents = string.IsNullOrEmpty(text) ? [] : [new TextContent(text)];
        foreach (JsonObject call in (message["tool_calls"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            if (call["function"] is not JsonObject function || JsonNode.Parse((string?)function["arguments"] is { Length: > 0 } raw ? raw : "{}") is not JsonObject arguments) return null;
            contents.Add(new FunctionCallContent((string)call["id"]!, (string)function["name"]!, arguments.ToDictionary(member => member.Key, member => (object?)member.Value?.DeepClone())));
        }

        return contents;
    }

    // Without what says the same in two ways: absent, null and empty members, and white space in arguments.
    private static JsonArray Normal(JsonNode messages)
    {
        JsonArray normal = [.. messages.AsArray().Select(message => message!.DeepClone())];
        foreach (JsonObject message in normal.OfType<JsonObject>())
        {
            foreach (string name in message.Where(member => member.Value is null || member.Value.ToJsonString() is "\"\"" or "[]" || !IsWritten(member.Key)).Select(member => member.Key).ToArray()) message.Remove(name);
            foreach (JsonObject call in (message["tool_calls"] as JsonArray)?.OfType<JsonObject>() ?? [])
            {
                call.Remove("index");
                call["function"]!["arguments"] = JsonNode.Parse((string?)call["function"]!["arguments"] is { Length: > 0 } raw ? raw : "{}");
            }
        }

        return normal;
    }

    // Members of answers that clients send back and OpenAI ignores.
    private static bool IsWritten(string member) => member is "role" or "content" or "name" or "tool_calls" or "tool_call_id";
}
