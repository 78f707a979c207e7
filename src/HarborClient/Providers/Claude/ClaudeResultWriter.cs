using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>Writes the result of a tool: a text, or blocks where the function returned content such as images.</summary>
internal static class ClaudeResultWriter
{
    internal static void Write(Utf8JsonWriter json, Call attempt, FunctionResultContent result, ClaudeItem item, in ClaudeCache cache, bool comesAgain)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "tool_result"u8);
        json.WriteString("tool_use_id"u8, IdOf(result.CallId));
        WriteContent(json, attempt, result, item, cache);
        if (result.Exception is not null) json.WriteBoolean("is_error"u8, true);
        cache.Write(json, result.AdditionalProperties, item.IsLastOfMessage ? item.Message.AdditionalProperties : null, comesAgain);
        json.WriteEndObject();
    }

    /// <summary>An id as Claude takes it. Other providers' ids have more characters; call and result are changed alike, so they still belong together.</summary>
    internal static string IdOf(string id)
    {
        foreach (char c in id)
        {
            if (!IsInIds(c)) return string.Create(id.Length, id, static (span, from) => Replace(span, from));
        }

        return id;
    }

    private static void WriteContent(Utf8JsonWriter json, Call attempt, FunctionResultContent result, ClaudeItem item, in ClaudeCache cache)
    {
        switch (result.Result)
        {
            case AIContent only and not TextContent:
                json.WriteStartArray("content"u8);
                WritePart(json, attempt, only, item, cache);
                json.WriteEndArray();
                break;
            case IEnumerable<AIContent> parts:
                json.WriteStartArray("content"u8);
                foreach (AIContent part in parts) WritePart(json, attempt, part, item, cache);
                json.WriteEndArray();
                break;
            default:
                string text = RequestJson.ResultText(result, attempt.Services.Json);
                if (text.Length > 0) json.WriteString("content"u8, text);
                break;
        }
    }

    private static void WritePart(Utf8JsonWriter json, Call attempt, AIContent part, ClaudeItem item, in ClaudeCache cache)
    {
        // The marks of the message belong to the result as a whole.
        ClaudeItem inner = item with { Content = part, IsLastOfMessage = false };
        if (part is not TextContent text) ClaudeContentWriter.Write(json, attempt, inner, cache, comesAgain: false);
        else if (!string.IsNullOrWhiteSpace(text.Text)) ClaudeContentWriter.WriteText(json, text, text.Text, inner, cache);
    }

    private static void Replace(Span<char> span, string from)
    {
        for (int i = 0; i < from.Length; i++) span[i] = IsInIds(from[i]) ? from[i] : '_';
    }

    private static bool IsInIds(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
}
