using System.Buffers.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAICompatible;

/// <summary>Reads the answer of <c>POST embeddings</c>: vectors as numbers or as base64 of little-endian floats, in any order.</summary>
internal sealed class EmbeddingAnswerParser(int expected, ChatDialect dialect) : AnswerParser
{
    private bool _isDone;

    internal override bool IsTerminated => _isDone;

    internal override bool MayEndHere => false;

    internal override void ReadEvent(ReadOnlyMemory<byte> data, UpdateBatch batch) => throw new JsonException("embeddings are not streamed");

    internal override void ReadBody(ReadOnlyMemory<byte> body, UpdateBatch batch)
    {
        var json = new Utf8JsonReader(body.Span);
        JsonLenient.StartObject(ref json);
        var vectors = new float[expected][];
        string? model = null;
        UsageDetails? usage = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "data"u8)) ReadVectors(ref json, vectors);
            else if (JsonLenient.Is(ref json, "model"u8)) model = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "usage"u8)) usage = UsageReader.Read(ref json);
            else if (JsonLenient.Is(ref json, "error"u8)) OpenAIErrorReader.ThrowIfError(ref json, body, dialect);
            else if (JsonLenient.Is(ref json, "object"u8)) OpenAIErrorReader.ThrowIfErrorObject(ref json, body, dialect);
            else JsonLenient.SkipValue(ref json);
        }

        JsonLenient.End(ref json);
        int missing = Array.FindIndex(vectors, vector => vector is null);
        if (missing >= 0) throw new JsonException($"the vector of input {missing} of {expected} is missing");
        if (Array.Exists(vectors, vector => vector.Length != vectors[0].Length)) throw new JsonException("its vectors are not all of one length");
        batch.Add(new HarborUpdate(HarborUpdateKind.Identity, new AnswerIdentity(null, model, null)));
        if (usage is not null) batch.Add(new HarborUpdate(HarborUpdateKind.Usage, usage));
        batch.Add(new HarborUpdate(HarborUpdateKind.Payload, vectors));
        _isDone = true;
    }

    private static void ReadVectors(ref Utf8JsonReader json, float[][] vectors)
    {
        if (!JsonLenient.IsArray(ref json)) return;
        for (int position = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; position++)
        {
            long index = position;
            float[]? vector = null;
            if (json.TokenType != JsonTokenType.StartObject) throw new JsonException("an entry of data is not an object");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (JsonLenient.Is(ref json, "index"u8)) index = JsonLenient.Integer(ref json) ?? position;
                else if (JsonLenient.Is(ref json, "embedding"u8)) vector = ReadVector(ref json);
                else JsonLenient.SkipValue(ref json);
            }

            // Whose vector it is would be a guess, and a wrong one is found by nobody.
            if (index < 0 || index >= vectors.Length) throw new JsonException($"it has a vector for input {index} of {vectors.Length}");
            if (vectors[index] is not null) throw new JsonException($"it has two vectors for input {index}");
            if (vector is { Length: > 0 }) vectors[index] = vector;
        }
    }

    private static float[]? ReadVector(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.String) return FromBase64(json.ValueSpan);
        if (json.TokenType != JsonTokenType.StartArray)
        {
            json.Skip();
            return null;
        }

        var numbers = new List<float>(1536);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetSingle(out float number) || !float.IsFinite(number)) throw new JsonException("a vector has an element that is not a number, or not a finite one");
            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static float[] FromBase64(ReadOnlySpan<byte> text)
    {
        byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, bytes, out _, out int written) != System.Buffers.OperationStatus.Done || written % sizeof(float) != 0)
            throw new JsonException("a vector is not base64 of floats");
        var vector = new float[written / sizeof(float)];
        for (int i = 0; i < vector.Length; i++) vector[i] = System.Buffers.Binary.BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        if (Array.Exists(vector, number => !float.IsFinite(number))) throw new JsonException("a vector has an element that is not a number, or not a finite one");
        return vector;
    }
}
