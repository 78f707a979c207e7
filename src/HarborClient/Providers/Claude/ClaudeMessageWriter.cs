using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

// Hot path: one per attempt.

/// <summary>Writes the turns of a conversation. They alternate: what one side says in several messages is one turn, and results of tools come first in it.</summary>
internal static class ClaudeMessageWriter
{
    internal static void Write(JsonBody body, Call attempt, ReadOnlySpan<ClaudeItem> items, in ClaudeCache cache)
    {
        int turnsLeft = 1;
        for (int i = 1; i < items.Length; i++)
        {
            if (items[i].IsUsers != items[i - 1].IsUsers) turnsLeft++;
        }

        Utf8JsonWriter json = body.Json;
        json.WriteStartArray("messages"u8);
        for (int start = 0, end; start < items.Length; start = end)
        {
            bool isUsers = items[start].IsUsers;
            end = start + 1;
            while (end < items.Length && items[end].IsUsers == isUsers) end++;

            // The last two turns of the user: the newer for the next request, the older to find what the request before has written.
            bool comesAgain = isUsers && turnsLeft <= 4;
            turnsLeft--;
            json.WriteStartObject();
            json.WriteString("role"u8, isUsers ? "user"u8 : "assistant"u8);
            json.WriteStartArray("content"u8);
            if (isUsers) WriteUsers(body, attempt, items, start, end, cache, comesAgain);
            else WriteModels(body, attempt, items, start, end, cache);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteUsers(JsonBody body, Call attempt, ReadOnlySpan<ClaudeItem> items, int start, int end, in ClaudeCache cache, bool comesAgain)
    {
        int others = 0;
        for (int i = start; i < end; i++)
        {
            if (items[i].Content is not FunctionResultContent) others++;
        }

        int results = end - start - others;
        for (int i = start; i < end && results > 0; i++)
        {
            if (items[i].Content is FunctionResultContent) WriteBlock(body, attempt, items[i], cache, comesAgain && --results == 0 && others == 0);
        }

        for (int i = start; i < end && others > 0; i++)
        {
            if (items[i].Content is not FunctionResultContent) WriteBlock(body, attempt, items[i], cache, comesAgain && --others == 0);
        }
    }

    private static void WriteModels(JsonBody body, Call attempt, ReadOnlySpan<ClaudeItem> items, int start, int end, in ClaudeCache cache)
    {
        // Where the conversation ends with the model's own words, it goes on from there, and those must not end with white space.
        bool isPrefill = end == items.Length;
        for (int i = start; i < end; i++)
        {
            if (isPrefill && i == end - 1 && items[i].Content is TextContent text) ClaudeContentWriter.WriteText(body, text, text.Text.TrimEnd(), items[i], cache);
            else WriteBlock(body, attempt, items[i], cache, comesAgain: false);
        }
    }

    private static void WriteBlock(JsonBody body, Call attempt, ClaudeItem item, in ClaudeCache cache, bool comesAgain)
    {
        switch (item.Content)
        {
            case TextContent text:
                ClaudeContentWriter.WriteText(body, text, text.Text, item, cache, comesAgain);
                break;
            case TextReasoningContent thinking:
                WriteThinking(body, thinking);
                break;
            case FunctionCallContent call:
                WriteCall(body, attempt, call, item, cache);
                break;
            case FunctionResultContent result:
                ClaudeResultWriter.Write(body, attempt, result, item, cache, comesAgain);
                break;
            case var other when ClaudeContents.BlockOf(other) is { } block:
                body.Json.WriteRawValue(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(block), skipInputValidation: true);
                break;
            default:
                ClaudeContentWriter.Write(body, attempt, item, cache, comesAgain);
                break;
        }
    }

    /// <summary>Exactly as it came: the signature covers the text.</summary>
    private static void WriteThinking(JsonBody body, TextReasoningContent thinking)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        if (ClaudeContents.IsRedacted(thinking))
        {
            json.WriteString("type"u8, "redacted_thinking"u8);
            body.WriteText("data"u8, thinking.ProtectedData);
        }
        else
        {
            json.WriteString("type"u8, "thinking"u8);
            body.WriteText("thinking"u8, thinking.Text);
            body.WriteText("signature"u8, thinking.ProtectedData);
        }

        json.WriteEndObject();
    }

    private static void WriteCall(JsonBody body, Call attempt, FunctionCallContent call, ClaudeItem item, in ClaudeCache cache)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("type"u8, "tool_use"u8);
        json.WriteString("id"u8, ClaudeResultWriter.IdOf(call.CallId));
        json.WriteString("name"u8, call.Name);
        RequestJson.WriteArguments(body, "input"u8, call, attempt.Services.Json);
        if (call.AdditionalProperties?.TryGetValue(ClaudeContents.CallerKey, out object? caller) == true && caller is JsonElement element)
        {
            json.WritePropertyName("caller"u8);
            json.WriteRawValue(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(element), skipInputValidation: true);
        }

        cache.Write(body, call.AdditionalProperties, item.IsLastOfMessage ? item.Message.AdditionalProperties : null, comesAgain: false);
        json.WriteEndObject();
    }
}
