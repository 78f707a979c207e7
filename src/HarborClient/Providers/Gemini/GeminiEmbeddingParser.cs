using System.Text.Json;

namespace HarborClient.Providers.Gemini;

/// <summary>Reads the answers of <c>batchEmbedContents</c> and <c>embedContent</c>: vectors in the order of the texts. Some models report usage.</summary>
internal sealed class GeminiEmbeddingParser(int expected) : AnswerParser
{
    private bool _isDone;

    internal override bool IsTerminated => _isDone;

    internal override bool MayEndHere => false;

    internal override void ReadEvent(ReadOnlyMemory<byte> data, UpdateBatch batch) => throw new JsonException("embeddings are not streamed");

    internal override void ReadBody(ReadOnlyMemory<byte> body, UpdateBatch batch)
    {
        var json = new Utf8JsonReader(body.Span);
        JsonLenient.StartObject(ref json);
        var vectors = new List<float[]>(expected);
        long? tokens = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "embeddings"u8)) ReadVectors(ref json, vectors);
            else if (JsonLenient.Is(ref json, "embedding"u8)) vectors.Add(ReadVector(ref json));
            else if (JsonLenient.Is(ref json, "usageMetadata"u8)) tokens = new GeminiUsage().Read(ref json)?.InputTokenCount;
            else if (JsonLenient.Is(ref json, "error"u8)) GeminiErrorReader.ThrowIfError(ref json, body);
            else JsonLenient.SkipValue(ref json);
        }

        JsonLenient.End(ref json);
        if (vectors.Count != expected) throw new JsonException($"it has {vectors.Count} vectors for {expected} inputs");
        if (vectors.Exists(vector => vector.Length != vectors[0].Length)) throw new JsonException("its vectors are not all of one length");
        if (tokens is not null) batch.Add(new HarborUpdate(HarborUpdateKind.Usage, new Microsoft.Extensions.AI.UsageDetails { InputTokenCount = tokens }));
        batch.Add(new HarborUpdate(HarborUpdateKind.Payload, vectors.ToArray()));
        _isDone = true;
    }

    private void ReadVectors(ref Utf8JsonReader json, List<float[]> vectors)
    {
        if (!JsonLenient.IsArray(ref json)) return;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (vectors.Count == expected) throw new JsonException($"it has more vectors than the {expected} inputs");
            vectors.Add(ReadCurrent(ref json));
        }
    }

    private static float[] ReadVector(ref Utf8JsonReader json)
    {
        json.Read();
        return ReadCurrent(ref json);
    }

    private static float[] ReadCurrent(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartObject) throw new JsonException("an embedding is not an object");
        float[]? vector = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "values"u8)) vector = ReadNumbers(ref json);
            else JsonLenient.SkipValue(ref json);
        }

        return vector is { Length: > 0 } ? vector : throw new JsonException("an embedding has no values");
    }

    private static float[]? ReadNumbers(ref Utf8JsonReader json)
    {
        if (!JsonLenient.IsArray(ref json)) return null;
        var numbers = new List<float>(768);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetSingle(out float number) || !float.IsFinite(number)) throw new JsonException("a vector has an element that is not a number, or not a finite one");
            numbers.Add(number);
        }

        return [.. numbers];
    }
}
