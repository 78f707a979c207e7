using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Zhipu;

// Requests that other clients sent to Zhipu, read into the neutral vocabulary and written again by ours.
public sealed class ZhipuRecordedRequestTests
{
    // Usage comes without being asked for.
    private static readonly string[] NotSent = ["stream_options"];

    [RecordedTrafficFact]
    public async Task A_recorded_request_comes_out_as_it_went_in()
    {
        int compared = 0;
        foreach (RecordedExchange exchange in RecordedTraffic.Of("zhipu").Where(exchange => !exchange.RequestBody.IsEmpty))
        {
            JsonObject recorded = JsonNode.Parse(exchange.RequestBody.Span)!.AsObject();
            var provider = new ProviderEmulator();
            await using FastClient client = ZhipuClients.Of(provider);
            List<ChatMessage> messages = [.. recorded["messages"]!.AsArray().Select(message => MessageOf(message!.AsObject()))];

            await client.AnswerOf(messages, OptionsOf(recorded), (bool?)recorded["stream"] == true);

            Normal(provider.Request()).ShouldBe(Normal(recorded).ToJsonString());
            client.Outstanding().Should().Be(Outstanding.None);
            compared++;
        }

        TestReport.Add($"zhipu: {compared} recorded requests compared");
        compared.Should().Be(18);
    }

    private static ChatOptions OptionsOf(JsonObject recorded)
    {
        var options = new ChatOptions
        {
            ModelId = "zhipu/" + recorded["model"],
            MaxOutputTokens = (int?)recorded["max_tokens"],
            Temperature = (float?)recorded["temperature"],
            TopP = (float?)recorded["top_p"],
            Seed = (long?)recorded["seed"],
            Tools = [.. (recorded["tools"] as JsonArray ?? []).Select(tool => ToolOf(tool!["function"]!.AsObject()))],
            ToolMode = recorded["tool_choice"] switch
            {
                null => null,
                JsonObject choice => ChatToolMode.RequireSpecific((string)choice["function"]!["name"]!),
                _ => ChatToolMode.Auto,
            },
            AdditionalProperties = [],
        };
        if (recorded["thinking"] is not { } thinking) return options;

        // Beyond on and off, it is the caller's own member.
        options.AdditionalProperties["thinking"] = thinking.DeepClone();
        options.Reasoning = new ReasoningOptions { Effort = (string?)recorded["reasoning_effort"] == "high" ? ReasoningEffort.High : null };
        return options;
    }

    private static AIFunctionDeclaration ToolOf(JsonObject function)
    {
        AIFunctionDeclaration declared = AIFunctionFactory.CreateDeclaration((string)function["name"]!, (string)function["description"]!, JsonSerializer.SerializeToElement(function["parameters"]));
        return function["strict"] is { } strict ? new Strict(declared, (bool)strict) : declared;
    }

    private static ChatMessage MessageOf(JsonObject message)
    {
        var role = new ChatRole((string)message["role"]!);
        if (role == ChatRole.Tool) return new ChatMessage(role, [new FunctionResultContent((string?)message["tool_call_id"] ?? "", (string)message["content"]!)]);
        List<AIContent> contents = [];
        if ((string?)message["reasoning_content"] is { } reasoning) contents.Add(new TextReasoningContent(reasoning));
        if (message["content"] is JsonArray parts) contents.AddRange(parts.Select(part => PartOf(part!.AsObject())));
        else contents.Add(new TextContent((string)message["content"]!));
        foreach (JsonNode? call in message["tool_calls"] as JsonArray ?? [])
        {
            JsonObject arguments = JsonNode.Parse((string)call!["function"]!["arguments"]!)!.AsObject();
            contents.Add(new FunctionCallContent((string)call["id"]!, (string)call["function"]!["name"]!, arguments.ToDictionary(member => member.Key, member => (object?)member.Value?.DeepClone())));
        }

        return new ChatMessage(role, contents);
    }

    private static AIContent PartOf(JsonObject part) => (string)part["type"]! == "text" ? new TextContent((string)part["text"]!) : new DataContent((string)part["image_url"]!["url"]!);

    // Without what says the same in two ways: greedy sampling, absent or empty members, a stream that is not one, and what ours adds to a stream with tools.
    private static JsonObject Normal(JsonObject request)
    {
        JsonObject normal = request.DeepClone().AsObject();
        foreach (string name in NotSent) normal.Remove(name);
        if ((double?)normal["temperature"] == 0 && normal.Remove("temperature")) normal["do_sample"] = false;
        if ((double?)normal["temperature"] is { } warm) normal["temperature"] = warm;
        if ((bool?)normal["stream"] == false) normal.Remove("stream");
        normal.Remove("tool_stream");
        foreach (JsonObject message in normal["messages"]!.AsArray().OfType<JsonObject>())
        {
            foreach (string name in message.Where(member => member.Value is null || member.Value.ToJsonString() is "\"\"" or "[]").Select(member => member.Key).ToArray()) message.Remove(name);
        }

        return normal;
    }

    private sealed class Strict(AIFunctionDeclaration inner, bool strict) : AIFunctionDeclaration
    {
        public override string Name => inner.Name;

        public override string Description => inner.Description;

        public override JsonElement JsonSchema => inner.JsonSchema;

        public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = new Dictionary<string, object?> { ["strict"] = strict };
    }
}
