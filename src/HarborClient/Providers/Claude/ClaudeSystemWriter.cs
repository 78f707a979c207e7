using System.Text.Json;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>Writes the system prompt, which is a field of its own: the instructions first, then every system message, wherever it stands.</summary>
internal static class ClaudeSystemWriter
{
    /// <summary>Claude has no JSON without a schema; the model has to be told.</summary>
    private const string JsonOnly = "Answer with one JSON value and nothing else: no introduction, no explanation, no code fence.";

    /// <summary>OpenAI's newer name for the same role.</summary>
    private static readonly ChatRole Developer = new("developer");

    internal static bool IsSystem(ChatMessage message) => message.Role == ChatRole.System || message.Role == Developer;

    internal static void Write(JsonBody body, Call attempt, in ClaudeCache cache)
    {
        List<(string Text, AIContent? Content, ChatMessage? Message)>? texts = null;
        if (!string.IsNullOrWhiteSpace(attempt.Options?.Instructions)) Add(ref texts, (attempt.Options.Instructions, null, null));
        for (int i = 0; i < attempt.Messages.Count; i++)
        {
            if (IsSystem(attempt.Messages[i])) Collect(ref texts, attempt, attempt.Messages[i]);
        }

        if (attempt.Options?.ResponseFormat is ChatResponseFormatJson { Schema: null }) Add(ref texts, (JsonOnly, null, null));
        if (texts is null) return;
        Utf8JsonWriter json = body.Json;
        json.WriteStartArray("system"u8);
        for (int i = 0; i < texts.Count; i++)
        {
            (string text, AIContent? content, ChatMessage? message) = texts[i];
            json.WriteStartObject();
            json.WriteString("type"u8, "text"u8);
            body.WriteText("text"u8, text);
            bool isLastOfMessage = i + 1 == texts.Count || texts[i + 1].Message != message;
            cache.Write(body, content?.AdditionalProperties, isLastOfMessage ? message?.AdditionalProperties : null, comesAgain: i + 1 == texts.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Collect(ref List<(string Text, AIContent? Content, ChatMessage? Message)>? texts, Call attempt, ChatMessage message)
    {
        for (int i = 0; i < message.Contents.Count; i++)
        {
            AIContent content = message.Contents[i];
            if (content is not TextContent text) Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, content.GetType().Name, "its system prompt is text only");
            else if (!string.IsNullOrWhiteSpace(text.Text)) Add(ref texts, (text.Text, content, message));
        }
    }

    private static void Add(ref List<(string Text, AIContent? Content, ChatMessage? Message)>? texts, (string Text, AIContent? Content, ChatMessage? Message) text) =>
        (texts ??= new List<(string Text, AIContent? Content, ChatMessage? Message)>(1)).Add(text);
}
