using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HarborClient.Tests.Claude;

// Reads a request to Claude into neutral messages and options, as a caller of the client would have written it.
internal static class ClaudeRequestReader
{
    public static (List<ChatMessage> Messages, ChatOptions Options) Read(JsonObject recorded)
    {
        List<ChatMessage> messages = [];
        foreach (JsonNode? block in Blocks(recorded["system"])) messages.Add(new ChatMessage(ChatRole.System, [Marked(new TextContent((string)block!["text"]!), block)]));
        foreach (JsonNode? turn in recorded["messages"]!.AsArray())
        {
            ChatRole role = (string?)turn!["role"] == "assistant" ? ChatRole.Assistant : ChatRole.User;
            messages.Add(new ChatMessage(role, [.. Blocks(turn["content"]).Select(block => ContentOf(block!.AsObject()))]));
        }

        var options = new ChatOptions { ModelId = "claude/" + recorded["model"], MaxOutputTokens = (int?)recorded["max_tokens"], Temperature = (float?)recorded["temperature"], AdditionalProperties = [] };
        if (recorded["tools"] is JsonArray { Count: > 0 } tools) options.Tools = [.. tools.Select(tool => ToolOf(tool!.AsObject()))];
        options.ToolMode = (string?)recorded["tool_choice"]?["type"] switch
        {
            "auto" => ChatToolMode.Auto,
            "any" => ChatToolMode.RequireAny,
            "none" => ChatToolMode.None,
            "tool" => ChatToolMode.RequireSpecific((string)recorded["tool_choice"]!["name"]!),
            _ => null,
        };
        options.AllowMultipleToolCalls = recorded["tool_choice"]?["disable_parallel_tool_use"] is { } isOff ? !(bool)isOff : null;
        if (recorded["output_config"]?["format"]?["schema"] is { } schema) options.ResponseFormat = ChatResponseFormat.ForJsonSchema(Element(schema));

        // What has no neutral setting of this exact value passes through.
        foreach (string name in new[] { "thinking", "output_format" })
        {
            if (recorded[name] is { } value) options.AdditionalProperties[name] = value.DeepClone();
        }

        return (messages, options);
    }

    // Without what says the same in two ways: texts as strings or blocks, empty lists, null and false defaults.
    public static JsonObject Normal(JsonObject request)
    {
        JsonObject normal = request.DeepClone().AsObject();
        if (normal["system"] is not null) normal["system"] = NormalBlocks(normal["system"]);
        JsonArray messages = [];
        foreach (JsonNode? turn in normal["messages"]!.AsArray()) messages.Add(new JsonObject { ["role"] = turn!["role"]!.DeepClone(), ["content"] = NormalBlocks(turn["content"]) });
        normal["messages"] = messages;
        if (normal["tools"] is JsonArray { Count: 0 }) normal.Remove("tools");
        if (normal["temperature"] is { } temperature) normal["temperature"] = (double)(float)temperature;

        // An answer of this length is always streamed.
        if ((int)normal["max_tokens"]! > 21_333) normal["stream"] = true;
        if ((bool?)normal["stream"] == false) normal.Remove("stream");
        return normal;
    }

    private static JsonArray NormalBlocks(JsonNode? content)
    {
        JsonArray blocks = [];
        foreach (JsonNode? block in Blocks(content))
        {
            JsonObject copy = block!.DeepClone().AsObject();
            foreach (string name in copy.Where(member => member.Value is null).Select(member => member.Key).ToArray()) copy.Remove(name);
            if ((string?)copy["type"] == "tool_result") copy["content"] = NormalBlocks(copy["content"]);
            if (copy["is_error"] is JsonValue isError && !(bool)isError) copy.Remove("is_error");
            blocks.Add(copy);
        }

        return blocks;
    }

    private static JsonArray Blocks(JsonNode? content) => content switch
    {
        JsonArray blocks => blocks,
        JsonValue text => [new JsonObject { ["type"] = "text", ["text"] = text.DeepClone() }],
        _ => [],
    };

    private static AIContent ContentOf(JsonObject block) => Marked(
        (string)block["type"]! switch
        {
            "text" => new TextContent((string)block["text"]!),
            "image" or "document" => MediaOf(block, block["source"]!.AsObject()),
            "thinking" => new TextReasoningContent((string)block["thinking"]!) { ProtectedData = (string)block["signature"]! },
            "tool_use" => new FunctionCallContent((string)block["id"]!, (string)block["name"]!, block["input"]!.AsObject().ToDictionary(member => member.Key, member => (object?)member.Value?.DeepClone())),
            "tool_result" => new FunctionResultContent((string)block["tool_use_id"]!, ResultOf(block["content"])),
            _ => new AIContent { AdditionalProperties = new() { ["claude.block"] = Element(block) } },
        },
        block);

    private static object? ResultOf(JsonNode? content) => content switch
    {
        JsonArray { Count: 1 } one when (string?)one[0]!["type"] == "text" => (string)one[0]!["text"]!,
        JsonArray blocks => blocks.Select(block => ContentOf(block!.AsObject())).ToList(),
        _ => (string?)content,
    };

    private static AIContent MediaOf(JsonObject block, JsonObject source)
    {
        string media = (string?)source["media_type"] ?? ((string?)block["type"] == "image" ? "image/png" : "application/pdf");
        AIContent content = (string)source["type"]! switch
        {
            "base64" => new DataContent(Convert.FromBase64String((string)source["data"]!), media),
            "text" => new DataContent(Encoding.UTF8.GetBytes((string)source["data"]!), media) { Name = (string?)block["title"] },
            "url" => new UriContent((string)source["url"]!, media),
            _ => new HostedFileContent((string)source["file_id"]!),
        };
        if (block["citations"] is { } citations) content.AdditionalProperties = new() { ["citations"] = (bool)citations["enabled"]! };
        return content;
    }

    private static AIContent Marked(AIContent content, JsonNode block)
    {
        if (block["cache_control"] is { } mark) (content.AdditionalProperties ??= [])["cache_control"] = mark.DeepClone();
        return content;
    }

    private static AITool ToolOf(JsonObject tool)
    {
        Dictionary<string, object?> properties = tool.Where(member => member.Key is not ("name" or "description" or "input_schema")).ToDictionary(member => member.Key, member => member.Key == "type" ? (object?)(string?)member.Value : member.Value?.DeepClone());
        if (tool["input_schema"] is not { } schema) return new HostedCodeInterpreterTool(new Dictionary<string, object?>(properties) { ["name"] = (string?)tool["name"] });
        return new Declaration((string)tool["name"]!, (string?)tool["description"] ?? "", Element(schema), properties);
    }

    private static JsonElement Element(JsonNode node) => JsonElement.Parse(node.ToJsonString());

    private sealed class Declaration(string name, string description, JsonElement schema, IReadOnlyDictionary<string, object?> properties) : AIFunctionDeclaration
    {
        public override string Name => name;

        public override string Description => description;

        public override JsonElement JsonSchema => schema;

        public override IReadOnlyDictionary<string, object?> AdditionalProperties => properties;
    }
}
