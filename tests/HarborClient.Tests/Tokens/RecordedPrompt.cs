using System.Text.Json;
using HarborClient.Testing;

namespace HarborClient.Tests.Tokens;

// A recorded request of any dialect in the neutral vocabulary, with the input tokens that the provider reported for it.
internal sealed class RecordedPrompt(string name, string provider, string model, long reported)
{
    public string Name => name;

    public string Model => $"{provider}/{model}";

    public long Reported => reported;

    public List<ChatMessage> Messages { get; } = [];

    public ChatOptions Options { get; } = new() { Tools = [] };

    // Why it is not compared; null where it is. Only what the request spells out can be counted.
    public string? Excluded { get; private set; }

    public static RecordedPrompt? Read(RecordedExchange exchange)
    {
        if (exchange.ReadExpected() is not { } expected || Text(expected, "kind") != "chat" || exchange.RequestBody.IsEmpty) return null;
        if (!expected.TryGetProperty("usage", out JsonElement usage) || usage.ValueKind != JsonValueKind.Object) return null;
        if ((Number(usage, "input_total") ?? Number(usage, "input")) is not ({ } reported and > 0)) return null;
        using JsonDocument document = JsonDocument.Parse(exchange.RequestBody);
        JsonElement request = document.RootElement.Clone();
        string path = exchange.RequestPath ?? "";
        int start = path.IndexOf("models/", StringComparison.Ordinal) + "models/".Length;
        string model = Text(request, "model") ?? (start >= "models/".Length ? path[start..path.IndexOf(':', start)] : Text(expected, "model") ?? "");
        var prompt = new RecordedPrompt(exchange.Name, exchange.Provider, model, reported);
        try
        {
            switch (exchange.Provider)
            {
                case "gemini": prompt.ReadGemini(request); break;
                case "openai-responses": prompt.ReadResponses(request); break;
                default: prompt.ReadMessages(request, exchange.Provider == "anthropic"); break;
            }
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
        {
            prompt.Exclude("of a form this test does not read");
        }

        return prompt;
    }

    private void ReadMessages(JsonElement request, bool isClaude)
    {
        if (request.TryGetProperty("system", out JsonElement system)) Messages.Add(new ChatMessage(ChatRole.System, Contents(system)));
        foreach (JsonElement message in request.GetProperty("messages").EnumerateArray())
        {
            var role = new ChatRole(Text(message, "role")!);
            List<AIContent> contents = message.TryGetProperty("content", out JsonElement content) ? Contents(content) : [];
            if (role == ChatRole.Tool) contents = [new FunctionResultContent(Text(message, "tool_call_id") ?? "", string.Concat(contents))];
            foreach (JsonElement call in Items(message, "tool_calls"))
                contents.Add(Call(Text(call.GetProperty("function"), "name")!, call.GetProperty("function").GetProperty("arguments")));
            Messages.Add(new ChatMessage(role, contents));
        }

        foreach (JsonElement tool in Items(request, "tools")) ReadTool(tool, isClaude);
        if (Text(request, "tool_choice") == "none" || (Object(request, "tool_choice") is { } choice && Text(choice, "type") == "none")) Options.ToolMode = ChatToolMode.None;
        if (Object(request, "thinking") is { } thinking && isClaude && Text(thinking, "type") is "enabled" or "adaptive") Options.Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High };
        if (Object(request, "response_format") is { } format) ReadFormat(Object(format, "json_schema"));
        if (Object(request, "output_format") is { } output) ReadFormat(output);
        if (Object(request, "output_config") is { } config) ReadFormat(Object(config, "format"));
    }

    private void ReadResponses(JsonElement request)
    {
        if (Text(request, "previous_response_id") is not null || request.TryGetProperty("conversation", out _)) Exclude("continues a conversation at the provider");
        Options.Instructions = Text(request, "instructions");
        JsonElement input = request.GetProperty("input");
        if (input.ValueKind == JsonValueKind.String) Messages.Add(new ChatMessage(ChatRole.User, input.GetString()));
        else foreach (JsonElement item in input.EnumerateArray()) ReadItem(item);
        foreach (JsonElement tool in Items(request, "tools")) ReadTool(tool, isClaude: false);
        if (Object(request, "text") is { } text) ReadFormat(Object(text, "format"));
    }

    private void ReadItem(JsonElement item)
    {
        switch (Text(item, "type") ?? "message")
        {
            case "message": Messages.Add(new ChatMessage(new ChatRole(Text(item, "role")!), Contents(item.GetProperty("content")))); break;
            case "function_call": Messages.Add(new ChatMessage(ChatRole.Assistant, [Call(Text(item, "name")!, item.GetProperty("arguments"))])); break;
            case "function_call_output": Messages.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("", string.Concat(Contents(item.GetProperty("output"))))])); break;
            case var type: Exclude($"an item {type}"); break;
        }
    }

    private void ReadGemini(JsonElement request)
    {
        if (Text(request, "cachedContent") is not null) Exclude("uses cached content");
        if (Object(request, "systemInstruction") is { } system) Messages.Add(new ChatMessage(ChatRole.System, Parts(system)));
        foreach (JsonElement content in Items(request, "contents")) Messages.Add(new ChatMessage(Text(content, "role") == "model" ? ChatRole.Assistant : ChatRole.User, Parts(content)));
        foreach (JsonElement tool in Items(request, "tools"))
        {
            foreach (JsonProperty kind in tool.EnumerateObject())
            {
                if (kind.Name is not ("functionDeclarations" or "function_declarations")) Exclude($"the server tool {kind.Name}");
                else foreach (JsonElement function in kind.Value.EnumerateArray()) AddFunction(function, "parameters", "parametersJsonSchema");
            }
        }

        if (Object(request, "generationConfig") is { } config) ReadFormat(config);
    }

    private List<AIContent> Parts(JsonElement content)
    {
        List<AIContent> contents = [];
        foreach (JsonElement part in Items(content, "parts"))
        {
            if (Text(part, "text") is { } text) contents.Add(new TextContent(text));
            else if (Object(part, "functionCall") is { } call) contents.Add(Call(Text(call, "name")!, Object(call, "args") ?? default));
            else if (Object(part, "functionResponse") is { } result) contents.Add(new FunctionResultContent("", Text(result, "name") + result.GetProperty("response").GetRawText()));
            else Exclude($"a part {part.EnumerateObject().First().Name}");
        }

        return contents;
    }

    private List<AIContent> Contents(JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.String) return [new TextContent(content.GetString())];
        List<AIContent> contents = [];
        if (content.ValueKind != JsonValueKind.Array) return contents;
        foreach (JsonElement part in content.EnumerateArray())
        {
            switch (part.ValueKind == JsonValueKind.String ? "" : Text(part, "type"))
            {
                case "": contents.Add(new TextContent(part.GetString())); break;
                case "text" or "input_text" or "output_text": contents.Add(new TextContent(Text(part, "text"))); break;
                case "refusal": contents.Add(new ErrorContent(Text(part, "refusal"))); break;
                case "tool_use": contents.Add(Call(Text(part, "name")!, part.GetProperty("input"))); break;
                case "tool_result": contents.Add(new FunctionResultContent("", part.TryGetProperty("content", out JsonElement result) ? string.Concat(Contents(result)) : "")); break;
                case var type: Exclude($"content {type}"); break;
            }
        }

        return contents;
    }

    private void ReadTool(JsonElement tool, bool isClaude)
    {
        string type = Text(tool, "type") ?? "custom";
        if (type != (isClaude ? "custom" : "function")) Exclude($"the server tool {type}");
        else AddFunction(Object(tool, "function") ?? tool, "parameters", "input_schema");
    }

    private void AddFunction(JsonElement function, params string[] schemas)
    {
        JsonElement schema = schemas.Select(name => Object(function, name)).FirstOrDefault(found => found is not null) ?? JsonSerializer.SerializeToElement(new { type = "object" });
        Options.Tools!.Add(AIFunctionFactory.CreateDeclaration(Text(function, "name")!, Text(function, "description") ?? "", Minified(schema)));
    }

    private void ReadFormat(JsonElement? format)
    {
        if (format is not { } given) return;
        if ((Object(given, "schema") ?? Object(given, "responseSchema") ?? Object(given, "responseJsonSchema")) is { } schema)
            Options.ResponseFormat = ChatResponseFormat.ForJsonSchema(Minified(schema), Text(given, "name"));
    }

    private void Exclude(string why) => Excluded ??= why;

    private static FunctionCallContent Call(string name, JsonElement arguments)
    {
        string text = arguments.ValueKind switch { JsonValueKind.String => arguments.GetString()!, JsonValueKind.Object => arguments.GetRawText(), _ => "{}" };
        try
        {
            return new FunctionCallContent("", name, JsonSerializer.Deserialize<Dictionary<string, object?>>(text));
        }
        catch (JsonException)
        {
            return new FunctionCallContent("", name, new Dictionary<string, object?> { ["arguments"] = text });
        }
    }

    private static JsonElement Minified(JsonElement schema) => JsonSerializer.SerializeToElement(schema);

    private static JsonElement.ArrayEnumerator Items(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : default;

    private static JsonElement? Object(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;
}
