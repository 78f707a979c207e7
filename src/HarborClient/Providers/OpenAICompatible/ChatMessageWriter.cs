using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAICompatible;

// Hot path: one per attempt.

/// <summary>Writes the messages of a chat, the instructions first.</summary>
internal static class ChatMessageWriter
{
    internal static void Write(JsonBody body, Call attempt, ChatDialect dialect, string? instructions)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartArray("messages"u8);
        if (!string.IsNullOrEmpty(instructions))
        {
            json.WriteStartObject();
            json.WriteString("role"u8, "system"u8);
            body.WriteText("content"u8, instructions);
            json.WriteEndObject();
        }

        IReadOnlyList<ChatMessage> messages = attempt.Messages;
        for (int i = 0; i < messages.Count; i++) WriteMessage(body, attempt, dialect, messages[i]);
        json.WriteEndArray();
    }

    private static void WriteMessage(JsonBody body, Call attempt, ChatDialect dialect, ChatMessage message)
    {
        IList<AIContent> contents = message.Contents;
        int results = 0;

        // Each result is a message of its own on the wire, and must come before whatever else the message says.
        for (int i = 0; i < contents.Count; i++)
        {
            if (contents[i] is not FunctionResultContent result) continue;
            WriteResult(body, attempt, result);
            results++;
        }

        bool hasOther = results < contents.Count;
        if (hasOther && message.Role == ChatRole.Assistant) WriteAssistant(body, attempt, dialect, message);
        else if ((hasOther && message.Role != ChatRole.Tool) || results == 0) WriteInput(body, attempt, dialect, message);
    }

    private static void WriteResult(JsonBody body, Call attempt, FunctionResultContent result)
    {
        body.Json.WriteStartObject();
        body.Json.WriteString("role"u8, "tool"u8);
        body.Json.WriteString("tool_call_id"u8, result.CallId);
        RequestJson.WriteResult(body, "content"u8, result, attempt.Services.Json);
        body.Json.WriteEndObject();
    }

    private static void WriteAssistant(JsonBody body, Call attempt, ChatDialect dialect, ChatMessage message)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        WriteName(json, message.AuthorName);
        IList<AIContent> contents = message.Contents;
        bool hasCalls = false;
        for (int i = 0; i < contents.Count; i++)
        {
            hasCalls |= contents[i] is FunctionCallContent;
            if (!IsWritten(contents[i], dialect)) Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, contents[i].GetType().Name, "the model's own messages have no place for it");
        }

        WriteTexts(body, contents, hasCalls);
        if (dialect.SendsReasoningBack) WriteReasoning(body, contents);
        if (hasCalls)
        {
            json.WriteStartArray("tool_calls"u8);
            for (int i = 0; i < contents.Count; i++)
            {
                if (contents[i] is FunctionCallContent call) WriteCall(body, attempt, call);
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

    /// <summary>The texts as one. Without any, the content is null beside calls and empty where there is nothing.</summary>
    private static void WriteTexts(JsonBody body, IList<AIContent> contents, bool hasCalls)
    {
        bool hasText = false;
        for (int i = 0; i < contents.Count; i++)
        {
            if (contents[i] is not TextContent { Text.Length: > 0 } text) continue;
            if (!hasText) body.BeginText("content"u8);
            hasText = true;
            body.Append(text.Text);
        }

        if (hasText) body.EndText();
        else if (hasCalls) body.Json.WriteNull("content"u8);
        else body.Json.WriteString("content"u8, ""u8);
    }

    private static void WriteReasoning(JsonBody body, IList<AIContent> contents)
    {
        bool hasText = false;
        for (int i = 0; i < contents.Count; i++)
        {
            if (contents[i] is not TextReasoningContent { Text.Length: > 0 } reasoning) continue;
            if (!hasText) body.BeginText("reasoning_content"u8);
            hasText = true;
            body.Append(reasoning.Text);
        }

        if (hasText) body.EndText();
    }

    private static void WriteCall(JsonBody body, Call attempt, FunctionCallContent call)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("id"u8, call.CallId);
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, call.Name);
        RequestJson.WriteArgumentsText(body, "arguments"u8, call, attempt.Services.Json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteInput(JsonBody body, Call attempt, ChatDialect dialect, ChatMessage message)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("role"u8, message.Role.Value);
        WriteName(json, message.AuthorName);
        if (message.Contents is [TextContent only])
        {
            body.WriteText("content"u8, only.Text);
        }
        else if (message.Contents.Count == 0)
        {
            json.WriteString("content"u8, ""u8);
        }
        else
        {
            json.WriteStartArray("content"u8);
            for (int i = 0; i < message.Contents.Count; i++) WritePart(body, attempt, dialect, message.Contents[i]);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WritePart(JsonBody body, Call attempt, ChatDialect dialect, AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                body.Json.WriteStartObject();
                body.Json.WriteString("type"u8, "text"u8);
                body.WriteText("text"u8, text.Text);
                body.Json.WriteEndObject();
                break;
            case DataContent data when data.HasTopLevelMediaType("image"):
                WriteAddress(body, "image_url"u8, null, content);
                break;
            case UriContent link when link.HasTopLevelMediaType("image"):
                WriteAddress(body, "image_url"u8, link.Uri.AbsoluteUri, content);
                break;
            case DataContent data when data.HasTopLevelMediaType("audio"):
                WriteAudio(body, data);
                break;
            case UriContent link when dialect.TakesFilesByAddress && !link.HasTopLevelMediaType("audio"):
                WriteAddress(body, link.HasTopLevelMediaType("video") ? "video_url"u8 : "file_url"u8, link.Uri.AbsoluteUri, content);
                break;
            case DataContent data when dialect.TakesFilesByAddress:
                throw NoPlace(data.MediaType, "take it by its address only. Send it as UriContent");
            case HostedFileContent file when dialect.TakesFilesByAddress:
                throw NoPlace(file.MediaType ?? "a file's id", "take files by their address only. Send it as UriContent");
            case DataContent data when data.HasTopLevelMediaType("video"):
                throw NoPlace(data.MediaType, "take no video. Send single frames as images");
            case DataContent data:
                WriteFile(body, data);
                break;
            case HostedFileContent file:
                WriteFile(body.Json, file);
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

    /// <summary>Something by its address; without one, the content's own data as an address.</summary>
    private static void WriteAddress(JsonBody body, ReadOnlySpan<byte> type, string? address, AIContent content)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteStartObject(type);
        if (address is null) body.WriteDataUri("url"u8, (DataContent)content);
        else body.WriteText("url"u8, address);
        if (content.AdditionalProperties?.TryGetValue("detail", out object? detail) == true && detail?.ToString() is { } level) json.WriteString("detail"u8, level);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteAudio(JsonBody body, DataContent data)
    {
        string format = data.MediaType.ToLowerInvariant() switch
        {
            "audio/wav" or "audio/x-wav" or "audio/wave" or "audio/vnd.wave" => "wav",
            "audio/mpeg" or "audio/mp3" => "mp3",
            _ => throw NoPlace(data.MediaType, "take audio as wav or mp3 only. Convert it"),
        };
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("type"u8, "input_audio"u8);
        json.WriteStartObject("input_audio"u8);
        body.WriteBase64("data"u8, data.Data.Span);
        json.WriteString("format"u8, format);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static HarborException NoPlace(string mediaType, string what) =>
        ErrorFactory.Setting(ErrorKind.InvalidRequest, $"Content of type {ErrorFactory.Quote(mediaType)} has no place in chat completions, which {what}.");

    private static void WriteFile(JsonBody body, DataContent data)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("type"u8, "file"u8);
        json.WriteStartObject("file"u8);
        body.WriteDataUri("file_data"u8, data);
        json.WriteString("filename"u8, data.Name ?? "file");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, HostedFileContent file)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "file"u8);
        json.WriteStartObject("file"u8);
        json.WriteString("file_id"u8, file.FileId);
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
