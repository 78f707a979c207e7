using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAICompatible;

/// <summary>Writes the body of <c>POST embeddings</c>.</summary>
internal static class EmbeddingRequestWriter
{
    internal static void Write(Call attempt, ChatDialect dialect, IBufferWriter<byte> output)
    {
        EmbeddingGenerationOptions? options = attempt.Request.EmbeddingOptions;
        var given = new RequestMembers(attempt, ChatDialect.WrittenMembers);
        using JsonBody body = JsonBody.Over(output);
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("model"u8, attempt.Target!.Model);
        json.WriteStartArray("input"u8);
        for (int i = 0; i < attempt.Inputs.Count; i++) body.WriteTextValue(attempt.Inputs[i]);
        json.WriteEndArray();
        if (options?.Dimensions is { } dimensions && !given.Has("dimensions")) json.WriteNumber("dimensions"u8, dimensions);
        if (dialect.HasBase64Embeddings && !given.Has("encoding_format")) json.WriteString("encoding_format"u8, "base64"u8);
        given.Write(json);
        json.WriteEndObject();
    }
}
