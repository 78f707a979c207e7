using System.Text;
using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>Writes texts, images and documents.</summary>
internal static class ClaudeContentWriter
{
    /// <summary>Members of a document that a caller may give in the content's AdditionalProperties.</summary>
    private static readonly string[] DocumentMembers = ["title", "context", "citations"];

    internal static void WriteText(JsonBody body, TextContent content, string text, ClaudeItem item, in ClaudeCache cache, bool comesAgain = false)
    {
        body.Json.WriteStartObject();
        body.Json.WriteString("type"u8, "text"u8);
        body.WriteText("text"u8, text);
        if (!item.IsUsers && content.Annotations is { Count: > 0 } annotations) WriteCitations(body.Json, annotations);
        End(body, item, cache, comesAgain);
    }

    internal static void Write(JsonBody body, Call attempt, ClaudeItem item, in ClaudeCache cache, bool comesAgain)
    {
        switch (item.Content)
        {
            case DataContent image when image.HasTopLevelMediaType("image"):
                Begin(body, "image"u8);
                WriteBase64(body, image, ImageType(image.MediaType));
                break;
            case UriContent image when image.HasTopLevelMediaType("image"):
                Begin(body, "image"u8);
                WriteAddress(body.Json, image.Uri);
                break;
            case HostedFileContent image when image.HasTopLevelMediaType("image"):
                Begin(body, "image"u8);
                WriteFile(body.Json, image);
                break;
            case DataContent document when IsPdf(document.MediaType):
                Begin(body, "document"u8);
                WriteBase64(body, document, "application/pdf");
                WriteDocumentMembers(body.Json, attempt, document, document.Name);
                break;
            case DataContent document when IsText(document):
                Begin(body, "document"u8);
                WritePlainText(body, document);
                WriteDocumentMembers(body.Json, attempt, document, document.Name);
                break;
            case UriContent document when IsPdf(document.MediaType):
                Begin(body, "document"u8);
                WriteAddress(body.Json, document.Uri);
                WriteDocumentMembers(body.Json, attempt, document, null);
                break;
            case HostedFileContent document:
                Begin(body, "document"u8);
                WriteFile(body.Json, document);
                WriteDocumentMembers(body.Json, attempt, document, null);
                break;
            case DataContent data:
                throw NoPlace(data.MediaType, "takes images (JPEG, PNG, GIF, WebP), PDF and texts");
            case UriContent link:
                throw NoPlace(link.MediaType, "takes addresses of images and PDFs only. Send the data as DataContent");
            default:
                Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, item.Content.GetType().Name, "a function's result has no place for it");
                return;
        }

        End(body, item, cache, comesAgain);
    }

    private static void Begin(JsonBody body, ReadOnlySpan<byte> type)
    {
        body.Json.WriteStartObject();
        body.Json.WriteString("type"u8, type);
    }

    private static void End(JsonBody body, ClaudeItem item, in ClaudeCache cache, bool comesAgain)
    {
        cache.Write(body, item.Content.AdditionalProperties, item.IsLastOfMessage ? item.Message.AdditionalProperties : null, comesAgain);
        body.Json.WriteEndObject();
    }

    private static void WriteBase64(JsonBody body, DataContent data, string mediaType)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject("source"u8);
        json.WriteString("type"u8, "base64"u8);
        json.WriteString("media_type"u8, mediaType);
        body.WriteBase64("data"u8, data.Data.Span);
        json.WriteEndObject();
    }

    private static void WritePlainText(JsonBody body, DataContent data)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject("source"u8);
        json.WriteString("type"u8, "text"u8);
        json.WriteString("media_type"u8, "text/plain"u8);
        body.BeginText("data"u8);
        body.Append(data.Data.Span);
        body.EndText();
        json.WriteEndObject();
    }

    private static void WriteAddress(Utf8JsonWriter json, Uri address)
    {
        if (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"Claude fetches http and https addresses only (was {ErrorFactory.Quote(address.Scheme)}). Send the data as DataContent.");
        json.WriteStartObject("source"u8);
        json.WriteString("type"u8, "url"u8);
        json.WriteString("url"u8, address.AbsoluteUri);
        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, HostedFileContent file)
    {
        json.WriteStartObject("source"u8);
        json.WriteString("type"u8, "file"u8);
        json.WriteString("file_id"u8, file.FileId);
        json.WriteEndObject();
    }

    private static void WriteDocumentMembers(Utf8JsonWriter json, Call attempt, AIContent content, string? name)
    {
        foreach (string member in DocumentMembers)
        {
            if (content.AdditionalProperties?.TryGetValue(member, out object? value) == true)
            {
                json.WritePropertyName(member);
                if (member == "citations" && value is bool isEnabled) WriteEnabled(json, isEnabled);
                else RequestMembers.WriteValue(json, value, $"AdditionalProperties['{member}']", attempt.Services.Json);
            }
            else if (member == "title" && !string.IsNullOrWhiteSpace(name))
            {
                json.WriteString("title"u8, name);
            }
        }
    }

    private static void WriteEnabled(Utf8JsonWriter json, bool isEnabled)
    {
        json.WriteStartObject();
        json.WriteBoolean("enabled"u8, isEnabled);
        json.WriteEndObject();
    }

    /// <summary>Claude's own citations go back to it; without them it would not know its sources.</summary>
    private static void WriteCitations(Utf8JsonWriter json, IList<AIAnnotation> annotations)
    {
        bool hasBegun = false;
        foreach (AIAnnotation annotation in annotations)
        {
            if (annotation.AdditionalProperties?.TryGetValue(ClaudeContents.CitationKey, out object? value) != true || value is not JsonElement citation) continue;
            if (!hasBegun) json.WriteStartArray("citations"u8);
            hasBegun = true;
            json.WriteRawValue(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(citation), skipInputValidation: true);
        }

        if (hasBegun) json.WriteEndArray();
    }

    private static string ImageType(string mediaType) => mediaType.ToLowerInvariant() switch
    {
        "image/jpeg" or "image/jpg" => "image/jpeg",
        "image/png" => "image/png",
        "image/gif" => "image/gif",
        "image/webp" => "image/webp",
        _ => throw NoPlace(mediaType, "takes images as JPEG, PNG, GIF or WebP. Convert it"),
    };

    private static bool IsPdf(string? mediaType) => string.Equals(mediaType, "application/pdf", StringComparison.OrdinalIgnoreCase);

    private static bool IsText(DataContent data) =>
        data.HasTopLevelMediaType("text")
        || data.MediaType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase)
        || data.MediaType.StartsWith("application/xml", StringComparison.OrdinalIgnoreCase);

    private static HarborException NoPlace(string mediaType, string what) =>
        ErrorFactory.Setting(ErrorKind.InvalidRequest, $"Content of type {ErrorFactory.Quote(mediaType)} has no place at Claude, which {what}.");
}
