using System.Text.Json;
using HarborClient.Pipeline;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAIResponses;

// Hot path: one per attempt.

/// <summary>Writes the messages as input items: a message becomes one item for its text and one for each call, result, thought or item of the provider's own.</summary>
internal static class ResponsesInputWriter
{
    /// <summary>How OpenAI's encrypted reasoning begins; what other providers protect would be refused, and the request with it.</summary>
    private const string EncryptedPrefix = "gAAAA";

    internal static void Write(JsonBody body, Call attempt)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartArray("input"u8);
        IReadOnlyList<ChatMessage> messages = attempt.Messages;
        for (int i = 0; i < messages.Count; i++)
        {
            ChatMessage message = messages[i];
            if (!string.IsNullOrEmpty(message.AuthorName)) Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, nameof(message.AuthorName), "the Responses API has no names");
            if (message.Role == ChatRole.Assistant) WriteAssistant(body, attempt, message);
            else WriteInput(body, attempt, message);
        }

        json.WriteEndArray();
    }

    /// <summary>Results come first, whatever else the message says: they answer what came before it.</summary>
    private static void WriteInput(JsonBody body, Call attempt, ChatMessage message)
    {
        bool hasOther = message.Contents.Count == 0;
        for (int i = 0; i < message.Contents.Count; i++)
        {
            if (!TryWriteAnswer(body, attempt, message.Contents[i])) hasOther |= ResponsesPartWriter.IsPart(message.Contents[i]);
        }

        if (!hasOther)
        {
            LogLeftOut(attempt, message);
            return;
        }

        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("role"u8, message.Role == ChatRole.Tool ? "user" : message.Role.Value);
        if (message.Contents is [TextContent only]) body.WriteText("content"u8, only.Text);
        else if (message.Contents.Count == 0) json.WriteString("content"u8, ""u8);
        else ResponsesPartWriter.Write(body, "content", message.Contents);
        json.WriteEndObject();
        LogLeftOut(attempt, message);
    }

    private static void LogLeftOut(Call attempt, ChatMessage message)
    {
        for (int i = 0; i < message.Contents.Count; i++)
        {
            AIContent content = message.Contents[i];
            if (content is not (FunctionResultContent or ToolApprovalResponseContent { ToolCall: McpServerToolCallContent }) && !ResponsesPartWriter.IsPart(content)) LeaveOut(attempt, content);
        }
    }

    /// <summary>What answers an item of the model's: a function's result, or a decision about a tool of an MCP server.</summary>
    private static bool TryWriteAnswer(JsonBody body, Call attempt, AIContent content)
    {
        Utf8JsonWriter json = body.Json;
        switch (content)
        {
            case FunctionResultContent result:
                json.WriteStartObject();
                json.WriteString("type"u8, "function_call_output"u8);
                json.WriteString("call_id"u8, result.CallId);
                if (PartsOf(result) is { } parts) ResponsesPartWriter.Write(body, "output", parts);
                else RequestJson.WriteResult(body, "output"u8, result, attempt.Services.Json);
                json.WriteEndObject();
                return true;
            case ToolApprovalResponseContent { ToolCall: McpServerToolCallContent } decision:
                json.WriteStartObject();
                json.WriteString("type"u8, "mcp_approval_response"u8);
                json.WriteString("approval_request_id"u8, decision.RequestId);
                json.WriteBoolean("approve"u8, decision.Approved);
                if (decision.Reason is { Length: > 0 } reason) json.WriteString("reason"u8, reason);
                json.WriteEndObject();
                return true;
            default:
                return false;
        }
    }

    /// <summary>A result that is more than text is sent as parts, as far as all of it can be.</summary>
    private static IList<AIContent>? PartsOf(FunctionResultContent result) => result.Result switch
    {
        TextContent => null,
        AIContent single when ResponsesPartWriter.IsPart(single) => [single],
        IEnumerable<AIContent> several when several.Any() && several.All(ResponsesPartWriter.IsPart) => [.. several],
        _ => null,
    };

    private static void WriteAssistant(JsonBody body, Call attempt, ChatMessage message)
    {
        IList<AIContent> contents = message.Contents;
        if (contents.Count == 0)
        {
            WriteTexts(body, contents, 0, 0);
            return;
        }

        bool isForeign = ReasoningOrigin.IsForeign(message, attempt);
        for (int i = 0; i < contents.Count; i++)
        {
            AIContent content = contents[i];
            if (IsText(content))
            {
                int start = i;
                while (i + 1 < contents.Count && IsText(contents[i + 1])) i++;
                WriteTexts(body, contents, start, i + 1);
            }
            else if (content is FunctionCallContent call)
            {
                WriteCall(body, attempt, call);
            }
            else if (content is TextReasoningContent reasoning)
            {
                // OpenAI refuses reasoning that is not followed by what it led to.
                if (!isForeign && IsWritable(reasoning) && IsFollowed(contents, i)) WriteReasoning(body, reasoning);
                else LeaveOut(attempt, reasoning);
            }
            else if (ResponsesItem.TryGet(content, out JsonElement item))
            {
                if (content is DataContent data) WriteImage(body, item, data);
                else item.WriteTo(body.Json);
            }
            else if (!TryWriteAnswer(body, attempt, content))
            {
                LeaveOut(attempt, content);
            }
        }
    }

    private static bool IsText(AIContent content) => content is TextContent || RequestJson.IsRefusal(content);

    private static void WriteTexts(JsonBody body, IList<AIContent> contents, int start, int end)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        if (end - start <= 1 && (end == start || contents[start] is TextContent))
        {
            body.WriteText("content"u8, end == start ? "" : ((TextContent)contents[start]).Text);
            json.WriteEndObject();
            return;
        }

        json.WriteStartArray("content"u8);
        for (int i = start; i < end; i++)
        {
            json.WriteStartObject();
            if (contents[i] is TextContent text)
            {
                json.WriteString("type"u8, "output_text"u8);
                body.WriteText("text"u8, text.Text);
            }
            else
            {
                json.WriteString("type"u8, "refusal"u8);
                json.WriteString("refusal"u8, ((ErrorContent)contents[i]).Message);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCall(JsonBody body, Call attempt, FunctionCallContent call)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("type"u8, "function_call"u8);
        json.WriteString("call_id"u8, call.CallId);
        json.WriteString("name"u8, call.Name);
        RequestJson.WriteArgumentsText(body, "arguments"u8, call, attempt.Services.Json);
        json.WriteEndObject();
    }

    private static bool IsWritable(TextReasoningContent reasoning) =>
        ResponsesItem.TryGet(reasoning, out _) || reasoning.ProtectedData?.StartsWith(EncryptedPrefix, StringComparison.Ordinal) == true;

    private static bool IsFollowed(IList<AIContent> contents, int at)
    {
        for (int i = at + 1; i < contents.Count; i++)
        {
            if (IsText(contents[i]) || contents[i] is FunctionCallContent || (contents[i] is not TextReasoningContent && ResponsesItem.TryGet(contents[i], out _))) return true;
        }

        return false;
    }

    private static void WriteReasoning(JsonBody body, TextReasoningContent reasoning)
    {
        Utf8JsonWriter json = body.Json;
        if (ResponsesItem.TryGet(reasoning, out JsonElement item))
        {
            item.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        json.WriteString("type"u8, "reasoning"u8);
        json.WriteStartArray("summary"u8);
        if (reasoning.Text.Length > 0)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "summary_text"u8);
            body.WriteText("text"u8, reasoning.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        body.WriteText("encrypted_content"u8, reasoning.ProtectedData);
        json.WriteEndObject();
    }

    /// <summary>An image that the model made: its item was kept without the bytes, which are the content's.</summary>
    private static void WriteImage(JsonBody body, JsonElement item, DataContent data)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        foreach (JsonProperty member in item.EnumerateObject()) member.WriteTo(json);
        body.WriteBase64("result"u8, data.Data.Span);
        json.WriteEndObject();
    }

    private static void LeaveOut(Call attempt, AIContent content)
    {
        // Token counts are no part of a conversation.
        if (content is not UsageContent) Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, content.GetType().Name, "the Responses API has no place for it");
    }
}
