using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace HarborClient.Tests.Gemini;

// A recorded request in the neutral vocabulary, and in one spelling where Google's API takes several.
internal static partial class GeminiRequest
{
    private static readonly string[] MergedConfig = ["thinkingConfig", "candidateCount", "responseModalities"];

    public static (List<ChatMessage> Messages, ChatOptions Options) Neutral(JsonObject recorded)
    {
        JsonObject request = Camel(recorded).AsObject();
        var options = new ChatOptions { AdditionalProperties = [] };
        if (request["systemInstruction"] is JsonObject system) options.Instructions = string.Concat(PartsOf(system).Select(part => (string?)part["text"]));
        if (request["generationConfig"] is JsonObject config) ReadConfig(config, options);
        foreach (JsonObject tool in (request["tools"] as JsonArray)?.OfType<JsonObject>() ?? []) (options.Tools ??= []).AddRange(ToolsOf(tool));
        if (request["toolConfig"]?["functionCallingConfig"] is JsonObject calling) options.ToolMode = ModeOf(calling);
        if (request["cachedContent"] is { } cached) options.AdditionalProperties["cachedContent"] = cached.DeepClone();
        return ([.. request["contents"]!.AsArray().OfType<JsonObject>().Select(MessageOf)], options);
    }

    // Without what says the same in two ways.
    public static JsonObject Normal(JsonObject request)
    {
        JsonObject normal = Camel(request).AsObject();
        if (normal["contents"] is null && normal["content"] is not null) normal = new JsonObject { ["requests"] = new JsonArray(normal) };
        foreach (JsonObject embedding in (normal["requests"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            embedding["model"] = "models/gemini-embedding-2";
            embedding["content"]!.AsObject().Remove("role");
        }

        (normal["systemInstruction"] as JsonObject)?.Remove("role");
        foreach (JsonObject function in (normal["tools"] as JsonArray)?.OfType<JsonObject>().SelectMany(FunctionsOf) ?? [])
        {
            if (function["parameters"] is { } parameters) function["parametersJsonSchema"] = Lower(parameters);
            function.Remove("parameters");
            function.Remove("responseJsonSchema");
        }

        return (JsonObject)(Pruned(normal) ?? new JsonObject());
    }

    private static void ReadConfig(JsonObject config, ChatOptions options)
    {
        options.Temperature = (float?)config["temperature"];
        options.MaxOutputTokens = (int?)config["maxOutputTokens"];
        options.Seed = (int?)config["seed"];
        options.StopSequences = (config["stopSequences"] as JsonArray)?.Select(stop => (string)stop!).ToList();
        if (config["responseJsonSchema"] is { } schema) options.ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonSerializer.SerializeToElement(schema));
        var merged = new JsonObject(config.Where(member => MergedConfig.Contains(member.Key)).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
        if (merged.Count > 0) options.AdditionalProperties!["generationConfig"] = merged;
    }

    private static IEnumerable<AITool> ToolsOf(JsonObject tool)
    {
        foreach (JsonObject function in FunctionsOf(tool))
        {
            JsonNode schema = function["parametersJsonSchema"] ?? Lower(function["parameters"]!);
            yield return AIFunctionFactory.CreateDeclaration((string)function["name"]!, (string?)function["description"], JsonSerializer.SerializeToElement(schema));
        }

        if (tool["googleSearch"] is not null) yield return new HostedWebSearchTool();
        if (tool["codeExecution"] is not null) yield return new HostedCodeInterpreterTool();
    }

    private static ChatToolMode ModeOf(JsonObject calling) => ((string?)calling["mode"], calling["allowedFunctionNames"]) switch
    {
        ("ANY", JsonArray names) => ChatToolMode.RequireSpecific((string)names.Single()!),
        ("ANY", _) => ChatToolMode.RequireAny,
        ("NONE", _) => ChatToolMode.None,
        _ => ChatToolMode.Auto,
    };

    private static ChatMessage MessageOf(JsonObject content) => new(
        (string?)content["role"] == "model" ? ChatRole.Assistant : ChatRole.User,
        [.. PartsOf(content).SelectMany(ContentsOf)]);

    private static IEnumerable<AIContent> ContentsOf(JsonObject part)
    {
        if (part["thoughtSignature"] is { } signature) yield return new TextReasoningContent("") { ProtectedData = (string?)signature };
        if (part["text"] is { } text) yield return new TextContent((string?)text);
        if (part["inlineData"] is JsonObject data) yield return new DataContent(Convert.FromBase64String((string)data["data"]!), (string)data["mimeType"]!);
        if (part["fileData"] is JsonObject file) yield return new UriContent((string)file["fileUri"]!, (string)file["mimeType"]!);
        if (part["functionCall"] is JsonObject call)
            yield return new FunctionCallContent(IdOf(call), (string)call["name"]!, call["args"]!.AsObject().ToDictionary(member => member.Key, member => (object?)member.Value?.DeepClone()));
        if (part["functionResponse"] is JsonObject response) yield return new FunctionResultContent(IdOf(response), JsonSerializer.SerializeToElement(response["response"]));
    }

    // As an answer without ids is read: one that never reaches the wire.
    private static string IdOf(JsonObject part) => (string?)part["id"] ?? "harbor_call_" + part["name"];

    private static IEnumerable<JsonObject> FunctionsOf(JsonObject tool) => (tool["functionDeclarations"] as JsonArray)?.OfType<JsonObject>() ?? [];

    private static IEnumerable<JsonObject> PartsOf(JsonObject content) => content["parts"] is JsonArray parts ? parts.OfType<JsonObject>() : [content["parts"]!.AsObject()];

    // The API takes names_of_members and namesOfMembers, and both alphabets of base64.
    private static JsonNode Camel(JsonNode node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(
            IsVerbatim(member.Key) ? member.Key : Underscore().Replace(member.Key, match => match.Groups[1].Value.ToUpperInvariant()),
            member.Key == "data" ? JsonValue.Create(((string)member.Value!).Replace('-', '+').Replace('_', '/')) : IsVerbatim(member.Key) || member.Value is null ? member.Value?.DeepClone() : Camel(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(item => item is null ? null : Camel(item))]),
        _ => node.DeepClone(),
    };

    // What is inside belongs to the caller.
    private static bool IsVerbatim(string member) => member is "args" or "response" or "parameters" or "parametersJsonSchema" or "responseJsonSchema";

    private static JsonNode Lower(JsonNode schema)
    {
        JsonNode lower = schema.DeepClone();
        if (lower is JsonObject members)
        {
            foreach ((string name, JsonNode? value) in members.ToArray())
                members[name] = name == "type" && value is JsonValue ? ((string)value!).ToLowerInvariant() : value is JsonObject or JsonArray ? Lower(value) : value?.DeepClone();
        }

        return lower;
    }

    // Null, false thoughts, empty texts and empty objects are as good as absent; what belongs to the caller is not.
    private static JsonNode? Pruned(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                var kept = new JsonObject();
                foreach ((string name, JsonNode? value) in members)
                {
                    bool isTool = name is "googleSearch" or "codeExecution";
                    JsonNode? pruned = IsVerbatim(name) || (isTool && value is not null) ? value?.DeepClone() : Pruned(value);
                    if (pruned is not null && !(name == "thought" && pruned.GetValueKind() == JsonValueKind.False)) kept[name] = pruned;
                }

                return kept.Count == 0 ? null : kept;
            case JsonArray list:
                JsonNode?[] items = [.. list.Select(Pruned).Where(item => item is not null)];
                return items.Length == 0 ? null : new JsonArray(items);
            case JsonValue text when text.GetValueKind() == JsonValueKind.String && (string?)text == "":
                return null;
            default:
                return node?.DeepClone();
        }
    }

    private static void AddRange(this IList<AITool> tools, IEnumerable<AITool> more)
    {
        foreach (AITool tool in more) tools.Add(tool);
    }

    [GeneratedRegex("_([a-z])")]
    private static partial Regex Underscore();
}
