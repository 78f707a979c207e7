using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Providers.OpenAICompatible;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Zhipu;

/// <summary>Writes tools and how they may be used: functions and Zhipu's own web search. The choice is the model's; that it must call one function is understood too.</summary>
internal static class ZhipuToolWriter
{
    internal static void Write(Utf8JsonWriter json, Call attempt, ChatOptions options, in RequestMembers given)
    {
        // There is no word for "none": without tools there is none to call.
        if (options.Tools is not { Count: > 0 } tools || options.ToolMode is NoneChatToolMode || given.Has("tools")) return;
        AIFunctionDeclaration? first = null;
        HostedWebSearchTool? search = null;
        int functions = 0;
        for (int i = 0; i < tools.Count; i++)
        {
            if (tools[i] is AIFunctionDeclaration function)
            {
                first ??= function;
                functions++;
            }
            else if (tools[i] is HostedWebSearchTool web)
            {
                search ??= web;
            }
            else
            {
                Log.ToolLeftOut(attempt.Services.Logger, attempt.Target!.Name, tools[i].GetType().Name, "it has functions and web search only");
            }
        }

        if (functions == 0 && search is null) return;
        json.WriteStartArray("tools"u8);
        ChatToolWriter.WriteFunctions(json, tools);
        if (search is not null) WriteSearch(json, attempt, search);
        json.WriteEndArray();
        if (!given.Has("tool_choice")) WriteChoice(json, options.ToolMode, first, functions);
        if (functions > 0 && attempt.StreamsUpstream && GlmVersion.Of(attempt.Target!.Model) >= GlmVersion.StreamsToolCalls && !given.Has("tool_stream"))
            json.WriteBoolean("tool_stream"u8, true);
        if (options.AllowMultipleToolCalls == false && functions > 0)
            Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, nameof(options.AllowMultipleToolCalls), "its API has no such setting");
    }

    /// <summary>Members that the tool is given (such as <c>search_engine</c> or <c>count</c>) go with it and replace ours.</summary>
    private static void WriteSearch(Utf8JsonWriter json, Call attempt, HostedWebSearchTool search)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "web_search"u8);
        json.WriteStartObject("web_search"u8);
        foreach (string member in (ReadOnlySpan<string>)["enable", "search_result"])
        {
            if (!search.AdditionalProperties.ContainsKey(member)) json.WriteBoolean(member, true);
        }

        foreach ((string name, object? value) in search.AdditionalProperties)
        {
            json.WritePropertyName(name);
            RequestMembers.WriteValue(json, value, name, attempt.Services.Json);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter json, ChatToolMode? mode, AIFunctionDeclaration? first, int functions)
    {
        if (mode is AutoChatToolMode) json.WriteString("tool_choice"u8, "auto"u8);
        if (mode is not RequiredChatToolMode required) return;
        string name = required.RequiredFunctionName ?? (functions == 1 ? first!.Name : throw ErrorFactory.Setting(
            ErrorKind.InvalidRequest,
            $"Zhipu cannot be told to call any one of {functions} functions. Name one (ChatToolMode.RequireSpecific), or leave the choice to the model (ChatToolMode.Auto)."));
        ChatToolWriter.WriteChoice(json, name);
    }
}
