using System.Text.Json;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>Writes tools and how they may be used: functions, the server's own tools, and servers of tools (MCP).</summary>
internal static class ClaudeToolWriter
{
    /// <summary>Members of a function that its AdditionalProperties may give.</summary>
    private static readonly string[] FunctionMembers = ["strict", "defer_loading", "input_examples", "allowed_callers", "eager_input_streaming"];

    private static readonly DeclaredTools Declared = new(WriteDeclaration);

    internal static void Write(JsonBody body, Call attempt, ChatOptions options, in ClaudeCache cache, in RequestMembers given)
    {
        if (options.Tools is not { Count: > 0 } tools || given.Has("tools")) return;
        int last = -1;
        bool hasServers = false;
        for (int i = 0; i < tools.Count; i++)
        {
            if (IsWritten(attempt, tools[i])) last = i;
            hasServers |= tools[i] is HostedMcpServerTool;
        }

        if (last < 0) return;
        Utf8JsonWriter json = body.Json;
        json.WriteStartArray("tools"u8);
        for (int i = 0; i <= last; i++) WriteTool(body, attempt, tools[i], cache, isLast: i == last);
        json.WriteEndArray();
        if (hasServers && !given.Has("mcp_servers")) ClaudeServerTools.WriteServers(json, attempt, tools);
        if (!given.Has("tool_choice")) WriteChoice(json, options);
    }

    private static bool IsWritten(Call attempt, AITool tool)
    {
        if (tool is AIFunctionDeclaration || ClaudeServerTools.IsKnown(tool)) return true;
        Log.ToolLeftOut(attempt.Services.Logger, attempt.Target!.Name, tool.GetType().Name, "it has no such tool");
        return false;
    }

    private static void WriteTool(JsonBody body, Call attempt, AITool tool, in ClaudeCache cache, bool isLast)
    {
        Utf8JsonWriter json = body.Json;
        bool isTyped = ClaudeServerTools.TypeOf(tool) is not null;
        if (!isTyped && tool is not (AIFunctionDeclaration or HostedMcpServerTool)) return;
        if (!isTyped && tool is AIFunctionDeclaration plain && HasNoMembers(plain) && cache.LeavesAlone(tool, isLast))
        {
            Declared.Write(json, plain);
            return;
        }

        json.WriteStartObject();
        if (tool is HostedMcpServerTool server) ClaudeServerTools.WriteToolset(json, server);
        else if (isTyped) ClaudeServerTools.Write(json, attempt, tool);
        else WriteFunction(json, attempt, (AIFunctionDeclaration)tool);
        cache.Write(body, tool, comesAgain: isLast);
        json.WriteEndObject();
    }

    private static bool HasNoMembers(AIFunctionDeclaration function)
    {
        if (function.AdditionalProperties.Count == 0) return true;
        foreach (string member in FunctionMembers)
        {
            if (function.AdditionalProperties.ContainsKey(member)) return false;
        }

        return true;
    }

    private static void WriteDeclaration(Utf8JsonWriter json, AIFunctionDeclaration function)
    {
        json.WriteStartObject();
        WriteCommon(json, function);
        json.WriteEndObject();
    }

    private static void WriteCommon(Utf8JsonWriter json, AIFunctionDeclaration function)
    {
        json.WriteString("name"u8, function.Name);
        if (!string.IsNullOrEmpty(function.Description)) json.WriteString("description"u8, function.Description);
        json.WritePropertyName("input_schema"u8);
        WriteSchema(json, function.JsonSchema);
    }

    private static void WriteFunction(Utf8JsonWriter json, Call attempt, AIFunctionDeclaration function)
    {
        WriteCommon(json, function);
        foreach (string member in FunctionMembers)
        {
            if (!function.AdditionalProperties.TryGetValue(member, out object? value)) continue;
            json.WritePropertyName(member);
            RequestMembers.WriteValue(json, value, $"AdditionalProperties['{member}'] of a tool", attempt.Services.Json);
        }
    }

    /// <summary>The schema as it is; one that says nothing is an object without members, because Claude asks for an object.</summary>
    private static void WriteSchema(Utf8JsonWriter json, JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out _))
        {
            schema.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        json.WriteString("type"u8, "object"u8);
        if (schema.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in schema.EnumerateObject()) member.WriteTo(json);
        }

        json.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter json, ChatOptions options)
    {
        if (options is { ToolMode: null, AllowMultipleToolCalls: null }) return;
        json.WriteStartObject("tool_choice"u8);
        switch (options.ToolMode)
        {
            case RequiredChatToolMode { RequiredFunctionName: { } name }:
                json.WriteString("type"u8, "tool"u8);
                json.WriteString("name"u8, name);
                break;
            case RequiredChatToolMode:
                json.WriteString("type"u8, "any"u8);
                break;
            case NoneChatToolMode:
                json.WriteString("type"u8, "none"u8);
                break;
            default:
                json.WriteString("type"u8, "auto"u8);
                break;
        }

        if (options.AllowMultipleToolCalls is { } several && options.ToolMode is not NoneChatToolMode) json.WriteBoolean("disable_parallel_tool_use"u8, !several);
        json.WriteEndObject();
    }
}
