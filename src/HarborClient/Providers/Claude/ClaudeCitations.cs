using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>Where a text comes from: places in documents, search results, web pages.</summary>
internal static class ClaudeCitations
{
    /// <summary>Reads a citation. The reader stands on its object, and on the object's end afterwards.</summary>
    internal static CitationAnnotation Read(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        batch.CountObjects(1);
        int start = (int)json.TokenStartIndex;
        var citation = new CitationAnnotation();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "cited_text"u8)) citation.Snippet = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "document_title"u8) || JsonLenient.Is(ref json, "title"u8)) citation.Title = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "url"u8) || JsonLenient.Is(ref json, "source"u8)) citation.Url = Address(JsonLenient.Text(ref json));
            else if (JsonLenient.Is(ref json, "file_id"u8)) citation.FileId = JsonLenient.Text(ref json);
            else JsonLenient.SkipValue(ref json);
        }

        JsonElement whole = JsonElement.Parse(data.Span[start..(int)json.BytesConsumed]);
        citation.RawRepresentation = whole;

        // Survives a history that is kept as JSON, which the raw representation does not.
        citation.AdditionalProperties = new AdditionalPropertiesDictionary { [ClaudeContents.CitationKey] = whole };
        return citation;
    }

    private static Uri? Address(string? text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? address) ? address : null;
}
