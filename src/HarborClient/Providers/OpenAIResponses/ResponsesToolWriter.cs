using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Providers.OpenAICompatible;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAIResponses;

/// <summary>Writes functions, tools that run at the provider, and how they may be used.</summary>
internal static class ResponsesToolWriter
{
    private static readonly DeclaredTools Declared = new(WriteFunction);

    internal static void Write(Utf8JsonWriter json, Call attempt, ChatOptions options, in RequestMembers given)
    {
        if (options.Tools is not { Count: > 0 } tools || given.Has("tools")) return;
        bool hasAny = false;
        for (int i = 0; i < tools.Count; i++)
        {
            AITool tool = tools[i];
            if (!IsKnown(tool))
            {
                Log.ToolLeftOut(attempt.Services.Logger, attempt.Target!.Name, tool.GetType().Name, "the Responses API has no such tool");
                continue;
            }

            if (!hasAny) json.WriteStartArray("tools"u8);
            hasAny = true;
            if (tool is AIFunctionDeclaration function) Declared.Write(json, function);
            else WriteTool(json, attempt, tool);
        }

        if (!hasAny) return;
        json.WriteEndArray();
        if (options.ToolMode is { } mode && !given.Has("tool_choice")) WriteChoice(json, mode, tools);
        if (options.AllowMultipleToolCalls is { } several && !given.Has("parallel_tool_calls")) json.WriteBoolean("parallel_tool_calls"u8, several);
    }

    private static bool IsKnown(AITool tool) => tool is AIFunctionDeclaration or HostedWebSearchTool or HostedFileSearchTool or HostedCodeInterpreterTool
        or HostedImageGenerationTool or HostedMcpServerTool;

    private static void WriteTool(Utf8JsonWriter json, Call attempt, AITool tool)
    {
        json.WriteStartObject();
        switch (tool)
        {
            case HostedWebSearchTool:
                json.WriteString("type"u8, "web_search"u8);
                break;
            case HostedFileSearchTool search:
                WriteFileSearch(json, search);
                break;
            case HostedCodeInterpreterTool interpreter:
                WriteCodeInterpreter(json, interpreter);
                break;
            case HostedImageGenerationTool image:
                WriteImageGeneration(json, image);
                break;
            case HostedMcpServerTool server:
                WriteMcpServer(json, server);
                break;
        }

        WriteMembers(json, attempt, tool);
        json.WriteEndObject();
    }

    /// <summary>Members that a tool of the provider's has beyond those of Microsoft.Extensions.AI, under the provider's names.</summary>
    private static void WriteMembers(Utf8JsonWriter json, Call attempt, AITool tool)
    {
        foreach ((string name, object? value) in tool.AdditionalProperties)
        {
            json.WritePropertyName(name);
            RequestMembers.WriteValue(json, value, name, attempt.Services.Json);
        }
    }

    /// <summary>Strictness is written always: left out it is on here and off in chat completions, and a schema with optional members would be refused.</summary>
    private static void WriteFunction(Utf8JsonWriter json, AIFunctionDeclaration function)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "function"u8);
        json.WriteString("name"u8, function.Name);
        if (!string.IsNullOrEmpty(function.Description)) json.WriteString("description"u8, function.Description);
        json.WritePropertyName("parameters"u8);
        function.JsonSchema.WriteTo(json);
        json.WriteBoolean("strict"u8, DeclaredTools.IsStrict(function) == true);
        json.WriteEndObject();
    }

    private static void WriteFileSearch(Utf8JsonWriter json, HostedFileSearchTool search)
    {
        json.WriteString("type"u8, "file_search"u8);
        if (search.MaximumResultCount is { } most) json.WriteNumber("max_num_results"u8, most);
        if (search.AdditionalProperties.ContainsKey("vector_store_ids")) return;
        if (search.Inputs?.Any(input => input is HostedVectorStoreContent) != true)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, "HostedFileSearchTool names no vector store. Add a HostedVectorStoreContent to its Inputs.");
        json.WriteStartArray("vector_store_ids"u8);
        foreach (AIContent input in search.Inputs)
        {
            if (input is HostedVectorStoreContent store) json.WriteStringValue(store.VectorStoreId);
        }

        json.WriteEndArray();
    }

    private static void WriteCodeInterpreter(Utf8JsonWriter json, HostedCodeInterpreterTool interpreter)
    {
        json.WriteString("type"u8, "code_interpreter"u8);
        if (interpreter.AdditionalProperties.ContainsKey("container")) return;
        json.WriteStartObject("container"u8);
        json.WriteString("type"u8, "auto"u8);
        if (interpreter.Inputs?.Any(input => input is HostedFileContent) == true)
        {
            json.WriteStartArray("file_ids"u8);
            foreach (AIContent input in interpreter.Inputs)
            {
                if (input is HostedFileContent file) json.WriteStringValue(file.FileId);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteImageGeneration(Utf8JsonWriter json, HostedImageGenerationTool image)
    {
        json.WriteString("type"u8, "image_generation"u8);
        if (image.Options is not { } options) return;
        if (options.ModelId is { } model) json.WriteString("model"u8, model);
        if (options.ImageSize is { } size) json.WriteString("size"u8, $"{size.Width}x{size.Height}");
        if (options.MediaType is { } type && type.StartsWith("image/", StringComparison.OrdinalIgnoreCase)) json.WriteString("output_format"u8, type["image/".Length..].ToLowerInvariant());
        if (options.StreamingCount is { } partial) json.WriteNumber("partial_images"u8, partial);
    }

    private static void WriteMcpServer(Utf8JsonWriter json, HostedMcpServerTool server)
    {
        json.WriteString("type"u8, "mcp"u8);
        json.WriteString("server_label"u8, server.ServerName);

        // A server of OpenAI's own is named by a word and not by an address.
        json.WriteString(Uri.TryCreate(server.ServerAddress, UriKind.Absolute, out _) ? "server_url"u8 : "connector_id"u8, server.ServerAddress);
        if (server.ServerDescription is { } description) json.WriteString("server_description"u8, description);
        if (server.AllowedTools is { } allowed) WriteNames(json, "allowed_tools", allowed);
        if (server.Headers is { Count: > 0 } headers)
        {
            json.WriteStartObject("headers"u8);
            foreach ((string name, string value) in headers) json.WriteString(name, value);
            json.WriteEndObject();
        }

        switch (server.ApprovalMode)
        {
            case HostedMcpServerToolAlwaysRequireApprovalMode:
                json.WriteString("require_approval"u8, "always"u8);
                break;
            case HostedMcpServerToolNeverRequireApprovalMode:
                json.WriteString("require_approval"u8, "never"u8);
                break;
            case HostedMcpServerToolRequireSpecificApprovalMode specific:
                json.WriteStartObject("require_approval"u8);
                WriteApproval(json, "always", specific.AlwaysRequireApprovalToolNames);
                WriteApproval(json, "never", specific.NeverRequireApprovalToolNames);
                json.WriteEndObject();
                break;
        }
    }

    private static void WriteApproval(Utf8JsonWriter json, string when, IList<string>? names)
    {
        if (names is not { Count: > 0 }) return;
        json.WriteStartObject(when);
        WriteNames(json, "tool_names", names);
        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, string member, IList<string> names)
    {
        json.WriteStartArray(member);
        foreach (string name in names) json.WriteStringValue(name);
        json.WriteEndArray();
    }

    private static void WriteChoice(Utf8JsonWriter json, ChatToolMode mode, IList<AITool> tools)
    {
        switch (mode)
        {
            case RequiredChatToolMode { RequiredFunctionName: { } name }:
                json.WriteStartObject("tool_choice"u8);
                if (tools.FirstOrDefault(tool => tool.Name == name && tool is not AIFunctionDeclaration) is { } hosted)
                {
                    // The names of hosted tools are the types of OpenAI's.
                    json.WriteString("type"u8, name);
                    if (hosted is HostedMcpServerTool server) json.WriteString("server_label"u8, server.ServerName);
                }
                else
                {
                    json.WriteString("type"u8, "function"u8);
                    json.WriteString("name"u8, name);
                }

                json.WriteEndObject();
                break;
            default:
                json.WriteString("tool_choice"u8, ChatToolWriter.WordOf(mode));
                break;
        }
    }
}
