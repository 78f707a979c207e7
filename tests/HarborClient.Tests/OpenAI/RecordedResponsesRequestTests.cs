using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.OpenAI;

// Requests that other clients sent to the Responses API, read into the neutral vocabulary and written again by ours.
public sealed class RecordedResponsesRequestTests
{
    private static readonly string[] NotCompared = ["model", "input", "stream", "instructions", "previous_response_id", "max_output_tokens"];

    public static TheoryData<string> Cases => [.. RecordedTraffic.Of("openai-responses").Where(exchange => !exchange.RequestBody.IsEmpty).Select(exchange => exchange.Name)];

    [RecordedTrafficTheory]
    [MemberData(nameof(Cases))]
    public async Task A_recorded_request_comes_out_as_it_went_in(string name)
    {
        JsonObject recorded = JsonNode.Parse(RecordedTraffic.Load(name).RequestBody.Span)!.AsObject();
        var provider = new ProviderEmulator();
        await using FastClient client = ResponsesClients.Of(provider);
        var options = new ChatOptions
        {
            ModelId = "openai/" + recorded["model"],
            Instructions = (string?)recorded["instructions"],
            ConversationId = (string?)recorded["previous_response_id"],
            MaxOutputTokens = (int?)recorded["max_output_tokens"],
            AdditionalProperties = [],
        };
        foreach ((string member, JsonNode? value) in recorded.Where(member => !NotCompared.Contains(member.Key))) options.AdditionalProperties[member] = value;
        List<ChatMessage> messages = recorded["input"] is JsonArray items ? [.. items.OfType<JsonObject>().Select(MessageOf)] : [new ChatMessage(ChatRole.User, (string?)recorded["input"])];

        await client.GetResponseAsync(messages, options);

        JsonObject sent = JsonNode.Parse(provider.Attempts[0].Body)!.AsObject();
        JsonNode wanted = Normal(recorded["input"]!);
        JsonNode.DeepEquals(Normal(sent["input"]!), wanted).Should().BeTrue("\n{0}\nis expected, this was sent:\n{1}", wanted, Normal(sent["input"]!));
        foreach ((string member, JsonNode? value) in recorded.Where(member => member.Key is not ("input" or "stream") && IsSaid(member.Value)))
            JsonNode.DeepEquals(sent[member], value).Should().BeTrue("{0} is {1}", member, value);

        static bool IsSaid(JsonNode? value) => value is not null && value.ToJsonString() != "\"\"";
    }

    private static ChatMessage MessageOf(JsonObject item)
    {
        switch ((string?)item["type"])
        {
            case "function_call":
                var arguments = JsonNode.Parse((string)item["arguments"]!)!.AsObject().ToDictionary(member => member.Key, member => (object?)member.Value?.DeepClone());
                return new ChatMessage(ChatRole.Assistant, [new FunctionCallContent((string)item["call_id"]!, (string)item["name"]!, arguments)]);
            case "function_call_output":
                return new ChatMessage(ChatRole.Tool, [new FunctionResultContent((string)item["call_id"]!, (string)item["output"]!)]);
        }

        var role = new ChatRole((string)item["role"]!);
        if (item["content"] is JsonArray parts) return new ChatMessage(role, [.. parts.OfType<JsonObject>().Select(PartOf)]);
        return new ChatMessage(role, (string?)item["content"]);
    }

    private static AIContent PartOf(JsonObject part) => (string?)part["type"] switch
    {
        "input_image" when (string)part["image_url"]! is var url => url.StartsWith("data:", StringComparison.Ordinal)
            ? new DataContent(url)
            : new UriContent(url, "image/*") { AdditionalProperties = part["detail"] is { } detail ? new() { ["detail"] = (string)detail! } : null },
        "input_file" when part["file_url"] is { } url => new UriContent((string)url!, "application/pdf"),
        "input_file" => new DataContent((string)part["file_data"]!) { Name = (string)part["filename"]! },
        _ => new TextContent((string)part["text"]!),
    };

    // Without what says the same in two ways: an input or a content of one text, the type of messages, ids of calls, blanks in arguments, and marks that are sent as they are only through RawRepresentationFactory.
    private static JsonArray Normal(JsonNode input)
    {
        JsonArray items = input is JsonArray array ? array.DeepClone().AsArray() : [new JsonObject { ["role"] = "user", ["content"] = input.DeepClone() }];
        foreach (JsonObject item in items.OfType<JsonObject>())
        {
            foreach (string member in new[] { "id", "status" }) item.Remove(member);
            if (item["role"] is not null) item.Remove("type");
            if (item["arguments"] is { } arguments) item["arguments"] = JsonNode.Parse((string)arguments!);
            if (item["content"] is not JsonArray parts) continue;
            foreach (JsonObject part in parts.OfType<JsonObject>()) part.Remove("prompt_cache_breakpoint");
            if (parts is [JsonObject only] && (string?)only["type"] is "input_text" or "output_text") item["content"] = ((JsonObject)parts[0]!)["text"]!.DeepClone();
        }

        return items;
    }
}
