using System.Buffers.Binary;
using System.Text.Json;
using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// Vectors of length one that depend on nothing but the input and the dimension.
internal static class OpenAIEmbeddingsRenderer
{
    public static RenderedReply Render(ReplySettings reply, RenderContext context)
    {
        RequestBody body = context.Body;
        int dimensions = body.Json?.Member("dimensions") is { ValueKind: JsonValueKind.Number } asked ? asked.GetInt32() : reply.EmbeddingDimensions;
        bool isBase64 = body.Json?.Member("encoding_format")?.Text() == "base64";
        List<string> inputs = Inputs(body);
        long promptTokens = reply.Usage?.PromptTokens ?? OpenAIProtocol.PromptTokens(body);

        byte[] bytes = JsonBytes.Write(json =>
        {
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            for (int i = 0; i < inputs.Count; i++)
            {
                json.WriteStartObject();
                json.WriteString("object", "embedding");
                json.WriteNumber("index", i);
                WriteVector(json, Vector(inputs[i], dimensions), isBase64);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("model", reply.Model ?? body.Model);
            if (reply.ReportsUsage)
            {
                json.WriteStartObject("usage");
                json.WriteNumber("prompt_tokens", promptTokens);
                json.WriteNumber("total_tokens", promptTokens);
                json.WriteEndObject();
            }
        });
        return new RenderedReply(200, OpenAIProtocol.JsonContentType, [new WireEvent(WireEventKind.Update, bytes)]);
    }

    // One text, many texts, one token array or many of them: each by its raw JSON, which is as good as its content.
    private static List<string> Inputs(RequestBody body)
    {
        if (body.Json?.Member("input") is not { } input) return [];
        bool isMany = input.ValueKind == JsonValueKind.Array && input.GetArrayLength() > 0 && input[0].ValueKind != JsonValueKind.Number;
        return isMany ? [.. input.EnumerateArray().Select(Identity)] : [Identity(input)];
    }

    // Not the raw text of a string: the same input may be escaped in two ways.
    private static string Identity(JsonElement input) => input.Text() ?? input.GetRawText();

    public static float[] Vector(string input, int dimensions)
    {
        ulong state = DeterministicRandom.SeedOf(input);
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++)
        {
            vector[i] = (float)((DeterministicRandom.NextDouble(ref state) * 2) - 1);
        }

        double length = Math.Sqrt(vector.Sum(value => (double)value * value));
        return [.. vector.Select(value => (float)(value / length))];
    }

    private static void WriteVector(Utf8JsonWriter json, float[] vector, bool isBase64)
    {
        if (isBase64)
        {
            byte[] bytes = new byte[vector.Length * sizeof(float)];
            for (int i = 0; i < vector.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
            }

            json.WriteBase64String("embedding", bytes);
            return;
        }

        json.WriteStartArray("embedding");
        foreach (float value in vector)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
