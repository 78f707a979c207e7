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

    internal static void WriteText(Utf8JsonWriter json, TextContent content, string text, ClaudeItem item, in ClaudeCache cache, bool comesAgain = false)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "text"u8);
        json.WriteString("text"u8, text);
        if (!item.IsUsers && content.Annotations is { Count: > 0 } annotations) WriteCitations(json, annotations);
        End(json, item, cache, comesAgain);
    }

    internal static void Write(Utf8JsonWriter json, Call attempt, ClaudeItem item, in ClaudeCache cache, bool comesAgain)
    {
        switch (item.Content)
        {
            case DataContent image when image.HasTopLevelMediaType("image"):
                Begin(json, "image"u8);
                WriteBase64(json, image, ImageType(image.MediaType));
                break;
            case UriContent image when image.HasTopLevelMediaType("image"):
                Begin(json, "image"u8);
                WriteAddress(json, image.Uri);
                break;
            case HostedFileContent image when image.HasTopLevelMediaType("image"):
                Begin(json, "image"u8);
                WriteFile(json, image);
                break;
            case DataContent document when IsPdf(document.MediaType):
                Begin(json, "document"u8);
                WriteBase64(json, document, "application/pdf");
                WriteDocumentMembers(json, attempt, document, document.Name);
                break;
            case DataContent document when IsText(document):
                Begin(json, "document"u8);
                WritePlainText(json, document);
                WriteDocumentMembers(json, attempt, document, document.Name);
                break;
            case UriContent document when IsPdf(document.MediaType):
                Begin(json, "document"u8);
                WriteAddress(json, document.Uri);
                WriteDocumentMembers(json, attempt, document, null);
                break;
            case HostedFileContent document:
                Begin(json, "document"u8);
                WriteFile(json, document);
                WriteDocumentMembers(json, attempt, document, null);
                break;
            case DataContent data:
                throw NoPlace(data.MediaType, "takes images (JPEG, PNG, GIF, WebP), PDF and texts");
            case UriContent link:
                throw NoPlace(link.MediaType, "takes addresses of images and PDFs only. Send the data as DataContent");
            default:
                Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, item.Content.GetType().Name, "a function's result has no place for it");
                return;
        }

        End(json, item, cache, comesAgain);
    }

    private static void Begin(Utf8JsonWriter json, ReadOnlySpan<byte> type)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, type);
    }

    private static void End(Utf8JsonWriter json, ClaudeItem item, in ClaudeCache cache, bool comesAgain)
    {
        cache.Write(json, item.Content.AdditionalProperties, item.IsLastOfMessage ? item.Message.AdditionalProperties : null, comesAgain);
        json.WriteEndObject();
    }

    private static void WriteBase64(Utf8JsonWriter json, DataContent data, string mediaType)
    {
        json.WriteStartObject("source"u8);
        json.WriteString("type"u8, "base64"u8);
        json.WriteString("media_type"u8, mediaType);
        json.WriteBase64String("data"u8, data.Data.Span);
        json.WriteEndObject();
    }

    private static void WritePlainText(Utf8JsonWriter json, DataContent data)
    {
        json.WriteStartObject("source"u8);
        json.WriteString("type"u8, "text"u8);
        json.WriteString("media_type"u8, "text/plain"u8);
        json.WriteString("data"u8, Encoding.UTF8.GetString(data.Data.Span));
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
