using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Gemini;

/// <summary>Turns what an answer is based on into annotations of its text. The host's own words stay in their RawRepresentation.</summary>
internal static class GeminiCitations
{
    /// <summary>More annotations than this are noise; the raw metadata has them all.</summary>
    private const int MaxAnnotations = 1_000;

    /// <summary>Reads <c>citationMetadata</c>: what the answer quotes.</summary>
    internal static void ReadCitations(ref Utf8JsonReader json, GeminiPartReader parts, UpdateBatch batch)
    {
        JsonElement metadata = JsonElement.ParseValue(ref json);
        List<AIAnnotation> annotations = [];
        foreach (JsonElement citation in ListOf(metadata, "citations"))
        {
            if (annotations.Count < MaxAnnotations) annotations.Add(AnnotationOf(citation, citation, citation, null, parts));
        }

        Add(annotations, batch);
    }

    /// <summary>Reads <c>groundingMetadata</c>: what was searched and found, and which part of the text rests on it.</summary>
    /// <returns>How many queries it names.</returns>
    internal static int ReadGrounding(ref Utf8JsonReader json, GeminiPartReader parts, UpdateBatch batch)
    {
        JsonElement metadata = JsonElement.ParseValue(ref json);
        List<AIAnnotation> annotations = [];
        JsonElement[] sources = [.. ListOf(metadata, "groundingChunks").Select(SourceOf)];
        foreach (JsonElement support in ListOf(metadata, "groundingSupports"))
        {
            JsonElement segment = Member(support, "segment");
            foreach (JsonElement index in ListOf(support, "groundingChunkIndices"))
            {
                if (annotations.Count == MaxAnnotations) break;
                if (index.ValueKind == JsonValueKind.Number && index.TryGetInt32(out int position) && position >= 0 && position < sources.Length)
                    annotations.Add(AnnotationOf(sources[position], segment, support, Text(segment, "text"), parts));
            }
        }

        Add(annotations, batch);
        return AddSearch(metadata, sources, batch);
    }

    /// <summary>The search itself, for the caller: Google asks whoever shows such an answer to show its suggestions too.</summary>
    private static int AddSearch(JsonElement metadata, JsonElement[] sources, UpdateBatch batch)
    {
        string[] queries = [.. ListOf(metadata, "webSearchQueries").Where(query => query.ValueKind == JsonValueKind.String).Select(query => ErrorFacts.TextOf(query)!)];
        if (queries.Length == 0 && sources.Length == 0) return 0;
        string id = GeminiCallIds.New();
        batch.Add(new HarborUpdate(HarborUpdateKind.Content, new WebSearchToolCallContent(id) { Queries = [.. queries.Take(MaxAnnotations)] }));
        batch.Add(new HarborUpdate(HarborUpdateKind.Content, new WebSearchToolResultContent(id) { Outputs = [.. OutputsOf(sources)], RawRepresentation = metadata }));
        return queries.Length;
    }

    private static IEnumerable<AIContent> OutputsOf(JsonElement[] sources)
    {
        foreach (JsonElement source in sources.Take(MaxAnnotations))
        {
            if (AddressOf(source) is { } address) yield return new UriContent(address, "text/html");
        }
    }

    private static CitationAnnotation AnnotationOf(JsonElement source, JsonElement region, JsonElement raw, string? snippet, GeminiPartReader parts)
    {
        var annotation = new CitationAnnotation { Title = Text(source, "title"), Url = AddressOf(source), Snippet = snippet, RawRepresentation = raw };
        if (Text(source, "license") is { Length: > 0 } license) (annotation.AdditionalProperties ??= [])["license"] = license;

        // The host counts bytes of the whole text, from a start that is left out when it is 0.
        if (parts.IsAscii && IntegerOf(region, "endIndex") is { } end)
            annotation.AnnotatedRegions = [new TextSpanAnnotatedRegion { StartIndex = IntegerOf(region, "startIndex") ?? 0, EndIndex = end }];
        return annotation;
    }

    private static void Add(List<AIAnnotation> annotations, UpdateBatch batch)
    {
        if (annotations.Count == 0) return;
        batch.CountObjects(annotations.Count);
        batch.Add(new HarborUpdate(HarborUpdateKind.Text, default, 0, annotations));
    }

    /// <summary>A chunk names its source by where it comes from: the web, a store of the caller's, a map.</summary>
    private static JsonElement SourceOf(JsonElement chunk)
    {
        if (chunk.ValueKind != JsonValueKind.Object) return default;
        foreach (JsonProperty member in chunk.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Object) return member.Value;
        }

        return default;
    }

    private static Uri? AddressOf(JsonElement source) => Uri.TryCreate(Text(source, "uri"), UriKind.Absolute, out Uri? address) ? address : null;

    private static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) ? value : default;

    private static JsonElement.ArrayEnumerator ListOf(JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default;

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && ErrorFacts.Member(parent, name) is { Length: > 0 } text ? text : null;

    private static int? IntegerOf(JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int number) && number >= 0 ? number : null;
}
