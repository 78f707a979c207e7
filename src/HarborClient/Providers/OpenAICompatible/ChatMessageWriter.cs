using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAICompatible;

// Hot path: one per attempt.

/// <summary>Writes the messages of a chat, the instructions first.</summary>
internal static class ChatMessageWriter
{
    internal static void Write(Utf8JsonWriter json, Call attempt, ChatDialect dialect, string? instructions)
    {
        json.WriteStartArray("messages"u8);
        if (!string.IsNullOrEmpty(instructions))
        {
            json.WriteStartObject();
            json.WriteString("role"u8, "system"u8);
            json.WriteString("content"u8, instructions);
            json.WriteEndObject();
        }

        foreach (ChatMessage message in attempt.Messages) WriteMessage(json, attempt, dialect, message);
        json.WriteEndArray();
    }

    private static void WriteMessage(Utf8JsonWriter json, Call attempt, ChatDialect dialect, ChatMessage message)
    {
        bool hasOther = false;
        bool hasResult = false;
        foreach (AIContent content in message.Contents)
        {
            if (content is FunctionResultContent) hasResult = true;
            else hasOther = true;
        }

        // Each result is a message of its own on the wire, and must come before whatever else the message says.
        if (hasResult)
        {
            foreach (AIContent content in message.Contents)
            {
                if (content is FunctionResultContent result) WriteResult(json, attempt, result);
            }
        }

        if (hasOther && message.Role == ChatRole.Assistant) WriteAssistant(json, attempt, dialect, message);
        else if ((hasOther && message.Role != ChatRole.Tool) || !hasResult) WriteInput(json, attempt, dialect, message);
    }

    private static void WriteResult(Utf8JsonWriter json, Call attempt, FunctionResultContent result)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, "tool"u8);
        json.WriteString("tool_call_id"u8, result.CallId);
        json.WriteString("content"u8, RequestJson.ResultText(result, attempt.Services.Json));
        json.WriteEndObject();
    }

    private static void WriteAssistant(Utf8JsonWriter json, Call attempt, ChatDialect dialect, ChatMessage message)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        WriteName(json, message.AuthorName);
        bool hasCalls = false;
        foreach (AIContent content in message.Contents)
        {
            hasCalls |= content is FunctionCallContent;
            if (!IsWritten(content, dialect)) Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, content.GetType().Name, "the model's own messages have no place for it");
        }

        string text = message.Text;
        if (text.Length > 0 || !hasCalls) json.WriteString("content"u8, text);
        else json.WriteNull("content"u8);
        if (dialect.SendsReasoningBack) WriteReasoning(json, message);
        if (hasCalls)
        {
            json.WriteStartArray("tool_calls"u8);
            foreach (AIContent content in message.Contents)
            {
                if (content is FunctionCallContent call) WriteCall(json, attempt, call);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static bool IsWritten(AIContent content, ChatDialect dialect) => content switch
    {
        TextReasoningContent => dialect.SendsReasoningBack,
        TextContent or FunctionCallContent or FunctionResultContent or UsageContent => true,
        _ => false,
    };

    private static void WriteReasoning(Utf8JsonWriter json, ChatMessage message)
    {
        string reasoning = string.Concat(message.Contents.OfType<TextReasoningContent>().Select(content => content.Text));
        if (reasoning.Length > 0) json.WriteString("reasoning_content"u8, reasoning);
    }

    private static void WriteCall(Utf8JsonWriter json, Call attempt, FunctionCallContent call)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, call.CallId);
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, call.Name);
        json.WriteString("arguments"u8, RequestJson.ArgumentsText(call, attempt.Services.Json));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteInput(Utf8JsonWriter json, Call attempt, ChatDialect dialect, ChatMessage message)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, message.Role.Value);
        WriteName(json, message.AuthorName);
        if (message.Contents is [TextContent only])
        {
            json.WriteString("content"u8, only.Text);
        }
        else if (message.Contents.Count == 0)
        {
            json.WriteString("content"u8, ""u8);
        }
        else
        {
            json.WriteStartArray("content"u8);
            foreach (AIContent content in message.Contents) WritePart(json, attempt, dialect, content);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter json, Call attempt, ChatDialect dialect, AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                json.WriteStartObject();
                json.WriteString("type"u8, "text"u8);
                json.WriteString("text"u8, text.Text);
                json.WriteEndObject();
                break;
            case DataContent data when data.HasTopLevelMediaType("image"):
                WriteAddress(json, "image_url"u8, data.Uri, content);
                break;
            case UriContent link when link.HasTopLevelMediaType("image"):
                WriteAddress(json, "image_url"u8, link.Uri.AbsoluteUri, content);
                break;
            case DataContent data when data.HasTopLevelMediaType("audio"):
                WriteAudio(json, data);
                break;
            case UriContent link when dialect.TakesFilesByAddress && !link.HasTopLevelMediaType("audio"):
                WriteAddress(json, link.HasTopLevelMediaType("video") ? "video_url"u8 : "file_url"u8, link.Uri.AbsoluteUri, content);
                break;
            case DataContent data when dialect.TakesFilesByAddress:
                throw NoPlace(data.MediaType, "take it by its address only. Send it as UriContent");
            case HostedFileContent file when dialect.TakesFilesByAddress:
                throw NoPlace(file.MediaType ?? "a file's id", "take files by their address only. Send it as UriContent");
            case DataContent data when data.HasTopLevelMediaType("video"):
                throw NoPlace(data.MediaType, "take no video. Send single frames as images");
            case DataContent data:
                WriteFile(json, "file_data"u8, data.Uri, data.Name ?? "file");
                break;
            case HostedFileContent file:
                WriteFile(json, "file_id"u8, file.FileId, null);
                break;
            case UriContent link:
                throw NoPlace(link.MediaType, "take addresses of images only. Send the data as DataContent");
            case FunctionResultContent:
                break;
            default:
                Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, content.GetType().Name, "chat completions have no place for it");
                break;
        }
    }

    private static void WriteAddress(Utf8JsonWriter json, ReadOnlySpan<byte> type, string address, AIContent content)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteStartObject(type);
        json.WriteString("url"u8, address);
        if (content.AdditionalProperties?.TryGetValue("detail", out object? detail) == true && detail?.ToString() is { } level) json.WriteString("detail"u8, level);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteAudio(Utf8JsonWriter json, DataContent data)
    {
        string format = data.MediaType.ToLowerInvariant() switch
        {
            "audio/wav" or "audio/x-wav" or "audio/wave" or "audio/vnd.wave" => "wav",
            "audio/mpeg" or "audio/mp3" => "mp3",
            _ => throw NoPlace(data.MediaType, "take audio as wav or mp3 only. Convert it"),
        };
        json.WriteStartObject();
        json.WriteString("type"u8, "input_audio"u8);
        json.WriteStartObject("input_audio"u8);
        json.WriteBase64String("data"u8, data.Data.Span);
        json.WriteString("format"u8, format);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static HarborException NoPlace(string mediaType, string what) =>
        ErrorFactory.Setting(ErrorKind.InvalidRequest, $"Content of type {ErrorFactory.Quote(mediaType)} has no place in chat completions, which {what}.");

    private static void WriteFile(Utf8JsonWriter json, ReadOnlySpan<byte> member, string value, string? name)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "file"u8);
        json.WriteStartObject("file"u8);
        json.WriteString(member, value);
        if (name is not null) json.WriteString("filename"u8, name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>OpenAI takes names of ASCII letters, digits, '_' and '-', up to 64; others would refuse the whole request, so they are left out.</summary>
    private static void WriteName(Utf8JsonWriter json, string? name)
    {
        if (name is not { Length: > 0 and <= 64 }) return;
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-')) return;
        }

        json.WriteString("name"u8, name);
    }
}
