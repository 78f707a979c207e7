using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>Writes the result of a tool: a text, or blocks where the function returned content such as images.</summary>
internal static class ClaudeResultWriter
{
    internal static void Write(JsonBody body, Call attempt, FunctionResultContent result, ClaudeItem item, in ClaudeCache cache, bool comesAgain)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("type"u8, "tool_result"u8);
        json.WriteString("tool_use_id"u8, IdOf(result.CallId));
        WriteContent(body, attempt, result, item, cache);
        if (result.Exception is not null) json.WriteBoolean("is_error"u8, true);
        cache.Write(body, result.AdditionalProperties, item.IsLastOfMessage ? item.Message.AdditionalProperties : null, comesAgain);
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

    private static void WriteContent(JsonBody body, Call attempt, FunctionResultContent result, ClaudeItem item, in ClaudeCache cache)
    {
        switch (result.Result)
        {
            case AIContent only and not TextContent:
                body.Json.WriteStartArray("content"u8);
                WritePart(body, attempt, only, item, cache);
                body.Json.WriteEndArray();
                break;
            case IEnumerable<AIContent> parts:
                body.Json.WriteStartArray("content"u8);
                foreach (AIContent part in parts) WritePart(body, attempt, part, item, cache);
                body.Json.WriteEndArray();
                break;
            default:
                if (!RequestJson.IsEmpty(result)) RequestJson.WriteResult(body, "content"u8, result, attempt.Services.Json);
                break;
        }
    }

    private static void WritePart(JsonBody body, Call attempt, AIContent part, ClaudeItem item, in ClaudeCache cache)
    {
        // The marks of the message belong to the result as a whole.
        ClaudeItem inner = item with { Content = part, IsLastOfMessage = false };
        if (part is not TextContent text) ClaudeContentWriter.Write(body, attempt, inner, cache, comesAgain: false);
        else if (!string.IsNullOrWhiteSpace(text.Text)) ClaudeContentWriter.WriteText(body, text, text.Text, inner, cache);
    }

    private static void Replace(Span<char> span, string from)
    {
        for (int i = 0; i < from.Length; i++) span[i] = IsInIds(from[i]) ? from[i] : '_';
    }

    private static bool IsInIds(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
}
