using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAICompatible;

/// <summary>Reads what an answer's text was taken from.</summary>
internal static class AnnotationReader
{
    /// <summary>From the start of the array to its end; null when it is empty.</summary>
    internal static List<AIAnnotation>? Read(ref Utf8JsonReader json, UpdateBatch batch)
    {
        List<AIAnnotation>? annotations = null;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.StartObject)
            {
                json.Skip();
                continue;
            }

            batch.CountObjects(1);
            (annotations ??= []).Add(Of(JsonElement.ParseValue(ref json)));
        }

        return annotations;
    }

    private static AIAnnotation Of(JsonElement annotation)
    {
        // Chat completions put the citation into a member of its type's name; Responses do not.
        JsonElement citation = annotation.TryGetProperty("url_citation", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object ? inner : annotation;
        string? url = Text(citation, "url");
        string? file = Text(citation, "file_id");
        if (url is null && file is null) return new AIAnnotation { RawRepresentation = annotation };
        return new CitationAnnotation
        {
            Title = Text(citation, "title") ?? Text(citation, "filename"),
            Url = Uri.TryCreate(url, UriKind.Absolute, out Uri? address) ? address : null,
            FileId = file,
            AnnotatedRegions = Index(citation, "start_index") is { } start && Index(citation, "end_index") is { } end
                ? [new TextSpanAnnotatedRegion { StartIndex = start, EndIndex = end }]
                : null,
            RawRepresentation = annotation,
        };
    }

    private static string? Text(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out JsonElement value) || value.ValueKind != JsonValueKind.String) return null;
        var json = new Utf8JsonReader(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(value));
        json.Read();
        return JsonLenient.CurrentText(ref json);
    }

    private static int? Index(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int index) ? index : null;
}
