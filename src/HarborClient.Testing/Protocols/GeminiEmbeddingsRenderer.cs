using System.Text.Json;
using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// One vector for embedContent, a list for batchEmbedContents; the same text has the same vector in both.
internal static class GeminiEmbeddingsRenderer
{
    public static RenderedReply Render(ReplySettings reply, RenderContext context)
    {
        RequestBody body = context.Body;
        JsonElement[]? batch = body.Json?.Member("requests") is { ValueKind: JsonValueKind.Array } requests ? [.. requests.EnumerateArray()] : null;
        byte[] bytes = JsonBytes.Write(json =>
        {
            if (batch is null)
            {
                json.WriteStartObject("embedding");
                WriteValues(json, body.Json, reply);
            }
            else
            {
                json.WriteStartArray("embeddings");
                foreach (JsonElement request in batch)
                {
                    json.WriteStartObject();
                    WriteValues(json, request, reply);
                }

                json.WriteEndArray();
            }

            if (!reply.ReportsUsage) return;
            json.WriteStartObject("usageMetadata");
            json.WriteNumber("promptTokenCount", reply.Usage?.PromptTokens ?? GeminiProtocol.PromptTokens(body.Json));
            json.WriteEndObject();
        });
        return new RenderedReply(200, GeminiProtocol.JsonContentType, [new WireEvent(WireEventKind.Update, bytes)]);
    }

    private static void WriteValues(Utf8JsonWriter json, JsonElement? request, ReplySettings reply)
    {
        JsonElement? content = request?.Member("content");
        string input = string.Concat(content?.Member("parts").Items().Select(part => part.Member("text")?.Text()) ?? []);
        int dimensions = request?.Member("outputDimensionality") is { ValueKind: JsonValueKind.Number } asked ? asked.GetInt32() : reply.EmbeddingDimensions;
        json.WriteStartArray("values");
        foreach (float value in OpenAIEmbeddingsRenderer.Vector(input, dimensions)) json.WriteNumberValue(value);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
