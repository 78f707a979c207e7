using System.Text.Json;
using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAIResponses;

/// <summary>Writes the parts of an input message, or of a function's result.</summary>
internal static class ResponsesPartWriter
{
    /// <summary>Whether a content is a part of a message.</summary>
    internal static bool IsPart(AIContent content) => content is TextContent or DataContent or UriContent or HostedFileContent;

    internal static void Write(JsonBody body, string member, IList<AIContent> contents)
    {
        body.Json.WriteStartArray(member);
        for (int i = 0; i < contents.Count; i++)
        {
            if (IsPart(contents[i])) WritePart(body, contents[i]);
        }

        body.Json.WriteEndArray();
    }

    private static void WritePart(JsonBody body, AIContent content)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        switch (content)
        {
            case TextContent text:
                json.WriteString("type"u8, "input_text"u8);
                body.WriteText("text"u8, text.Text);
                break;
            case DataContent data when data.HasTopLevelMediaType("image"):
                json.WriteString("type"u8, "input_image"u8);
                body.WriteDataUri("image_url"u8, data);
                WriteDetail(json, data);
                break;
            case UriContent link when link.HasTopLevelMediaType("image"):
                WriteImage(json, "image_url"u8, link.Uri.AbsoluteUri, link);
                break;
            case HostedFileContent file when file.MediaType?.StartsWith("image/", StringComparison.OrdinalIgnoreCase) == true:
                WriteImage(json, "file_id"u8, file.FileId, file);
                break;
            case DataContent data when data.HasTopLevelMediaType("audio") || data.HasTopLevelMediaType("video"):
                throw NoPlace(data.MediaType);
            case UriContent link when link.HasTopLevelMediaType("audio") || link.HasTopLevelMediaType("video"):
                throw NoPlace(link.MediaType);
            case DataContent data:
                json.WriteString("type"u8, "input_file"u8);
                json.WriteString("filename"u8, data.Name ?? "file");
                body.WriteDataUri("file_data"u8, data);
                break;
            case UriContent link:
                json.WriteString("type"u8, "input_file"u8);
                json.WriteString("file_url"u8, link.Uri.AbsoluteUri);
                break;
            case HostedFileContent file:
                json.WriteString("type"u8, "input_file"u8);
                json.WriteString("file_id"u8, file.FileId);
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteImage(Utf8JsonWriter json, ReadOnlySpan<byte> member, string value, AIContent content)
    {
        json.WriteString("type"u8, "input_image"u8);
        json.WriteString(member, value);
        WriteDetail(json, content);
    }

    private static void WriteDetail(Utf8JsonWriter json, AIContent content)
    {
        if (content.AdditionalProperties?.TryGetValue("detail", out object? detail) == true && detail?.ToString() is { } level) json.WriteString("detail"u8, level);
    }

    private static HarborException NoPlace(string mediaType) => ErrorFactory.Setting(
        ErrorKind.InvalidRequest,
        $"Content of type {ErrorFactory.Quote(mediaType)} has no place in the Responses API, which takes texts, images and files. Audio goes through chat completions (OpenAIApi.ChatCompletions).");
}
