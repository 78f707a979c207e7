using System.Text.Json;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAICompatible;

/// <summary>Writes tools and how they may be used.</summary>
internal static class ChatToolWriter
{
    private static readonly DeclaredTools Declared = new(WriteDeclaration);

    internal static void Write(Utf8JsonWriter json, Call attempt, ChatOptions options, in RequestMembers given)
    {
        if (options.Tools is not { Count: > 0 } tools || given.Has("tools")) return;
        bool hasFunctions = false;
        for (int i = 0; i < tools.Count; i++)
        {
            if (tools[i] is not AIFunctionDeclaration function)
            {
                Log.ToolLeftOut(attempt.Services.Logger, attempt.Target!.Name, tools[i].GetType().Name, "chat completions take functions only");
                continue;
            }

            if (!hasFunctions) json.WriteStartArray("tools"u8);
            hasFunctions = true;
            WriteFunction(json, function);
        }

        if (!hasFunctions) return;
        json.WriteEndArray();
        if (options.ToolMode is { } mode && !given.Has("tool_choice")) WriteChoice(json, mode);
        if (options.AllowMultipleToolCalls is { } several && !given.Has("parallel_tool_calls")) json.WriteBoolean("parallel_tool_calls"u8, several);
    }

    /// <summary>The functions among the tools, one after the other.</summary>
    internal static void WriteFunctions(Utf8JsonWriter json, IList<AITool> tools)
    {
        for (int i = 0; i < tools.Count; i++)
        {
            if (tools[i] is AIFunctionDeclaration function) WriteFunction(json, function);
        }
    }

    internal static void WriteFunction(Utf8JsonWriter json, AIFunctionDeclaration function) => Declared.Write(json, function);

    private static void WriteDeclaration(Utf8JsonWriter json, AIFunctionDeclaration function)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, function.Name);
        if (!string.IsNullOrEmpty(function.Description)) json.WriteString("description"u8, function.Description);
        json.WritePropertyName("parameters"u8);
        function.JsonSchema.WriteTo(json);
        if (DeclaredTools.IsStrict(function) is { } isStrict) json.WriteBoolean("strict"u8, isStrict);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The model has to call this function.</summary>
    internal static void WriteChoice(Utf8JsonWriter json, string function)
    {
        json.WriteStartObject("tool_choice"u8);
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, function);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The mode in a word, where it names no function.</summary>
    internal static ReadOnlySpan<byte> WordOf(ChatToolMode mode) => mode switch
    {
        RequiredChatToolMode => "required"u8,
        NoneChatToolMode => "none"u8,
        _ => "auto"u8,
    };

    private static void WriteChoice(Utf8JsonWriter json, ChatToolMode mode)
    {
        if (mode is RequiredChatToolMode { RequiredFunctionName: { } name }) WriteChoice(json, name);
        else json.WriteString("tool_choice"u8, WordOf(mode));
    }
}
