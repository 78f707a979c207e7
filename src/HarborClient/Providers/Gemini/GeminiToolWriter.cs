using System.Text.Json;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Gemini;

/// <summary>Writes tools and how they may be used. Functions keep their JSON schema as it is: the API reads it, and skips what it does not know.</summary>
internal static class GeminiToolWriter
{
    private static readonly DeclaredTools Declared = new(WriteFunction);

    internal static void Write(Utf8JsonWriter json, Call attempt, ChatOptions options, in RequestMembers given)
    {
        if (options.Tools is not { Count: > 0 } tools || given.Has("tools")) return;
        bool hasFunctions = false;
        bool isOpen = false;
        for (int i = 0; i < tools.Count; i++)
        {
            AITool tool = tools[i];
            hasFunctions |= tool is AIFunctionDeclaration;
            if (tool is AIFunctionDeclaration || IsKnown(tool)) Open(json, ref isOpen);
            else Log.ToolLeftOut(attempt.Services.Logger, attempt.Target!.Name, tool.GetType().Name, "Gemini has no such tool");
        }

        if (!isOpen) return;
        if (hasFunctions) WriteFunctions(json, tools);
        for (int i = 0; i < tools.Count; i++) WriteHosted(json, tools[i]);
        json.WriteEndArray();
        if (hasFunctions && options.ToolMode is { } mode && !given.Has("toolConfig")) WriteMode(json, mode);
        if (hasFunctions && options.AllowMultipleToolCalls == false)
            Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, "AllowMultipleToolCalls", "Gemini has no such switch");
    }

    /// <summary>Whether it is a tool that Gemini runs by itself, which takes as long as thinking.</summary>
    internal static bool IsKnown(AITool tool) => tool is HostedWebSearchTool or HostedCodeInterpreterTool or HostedFileSearchTool;

    private static void Open(Utf8JsonWriter json, ref bool isOpen)
    {
        if (!isOpen) json.WriteStartArray("tools"u8);
        isOpen = true;
    }

    private static void WriteFunctions(Utf8JsonWriter json, IList<AITool> tools)
    {
        json.WriteStartObject();
        json.WriteStartArray("functionDeclarations"u8);
        for (int i = 0; i < tools.Count; i++)
        {
            if (tools[i] is AIFunctionDeclaration function) Declared.Write(json, function);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFunction(Utf8JsonWriter json, AIFunctionDeclaration function)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, function.Name);
        if (!string.IsNullOrEmpty(function.Description)) json.WriteString("description"u8, function.Description);
        json.WritePropertyName("parametersJsonSchema"u8);
        function.JsonSchema.WriteTo(json);
        json.WriteEndObject();
    }

    private static void WriteHosted(Utf8JsonWriter json, AITool tool)
    {
        if (!IsKnown(tool)) return;
        json.WriteStartObject();
        switch (tool)
        {
            case HostedFileSearchTool search:
                WriteFileSearch(json, search);
                break;
            case HostedWebSearchTool:
                WriteEmpty(json, "googleSearch"u8);
                break;
            default:
                WriteEmpty(json, "codeExecution"u8);
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteFileSearch(Utf8JsonWriter json, HostedFileSearchTool search)
    {
        json.WriteStartObject("fileSearch"u8);
        json.WriteStartArray("fileSearchStoreNames"u8);
        foreach (AIContent input in search.Inputs ?? [])
        {
            if (input is HostedVectorStoreContent store) json.WriteStringValue(store.VectorStoreId);
        }

        json.WriteEndArray();
        if (search.MaximumResultCount is { } most) json.WriteNumber("topK"u8, most);
        json.WriteEndObject();
    }

    private static void WriteEmpty(Utf8JsonWriter json, ReadOnlySpan<byte> name)
    {
        json.WriteStartObject(name);
        json.WriteEndObject();
    }

    private static void WriteMode(Utf8JsonWriter json, ChatToolMode mode)
    {
        json.WriteStartObject("toolConfig"u8);
        json.WriteStartObject("functionCallingConfig"u8);
        json.WriteString("mode"u8, mode switch { RequiredChatToolMode => "ANY"u8, NoneChatToolMode => "NONE"u8, _ => "AUTO"u8 });
        if (mode is RequiredChatToolMode { RequiredFunctionName: { } only })
        {
            json.WriteStartArray("allowedFunctionNames"u8);
            json.WriteStringValue(only);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
