using System.Buffers;
using System.Text.Json;
using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Gemini;

/// <summary>Writes the body of <c>batchEmbedContents</c>, which takes one text as well as many.</summary>
internal static class GeminiEmbeddingWriter
{
    private static readonly string[] WrittenMembers = ["model", "content", "requests"];

    internal static void Write(Call attempt, IBufferWriter<byte> output)
    {
        EmbeddingGenerationOptions? options = attempt.Request.EmbeddingOptions;
        if (attempt.Inputs.Count > GeminiProvider.MaxEmbeddingInputs)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"Gemini embeds at most {GeminiProvider.MaxEmbeddingInputs} texts in one request (there are {attempt.Inputs.Count}). Send them in several calls, or leave EmbeddingBatches on with its own MaxItems.");
        var given = new RequestMembers(attempt, WrittenMembers);
        string model = GeminiModel.ResourceOf(attempt.Target!.Model);
        using JsonBody body = JsonBody.Over(output);
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteStartArray("requests"u8);
        foreach (string input in attempt.Inputs)
        {
            json.WriteStartObject();
            json.WriteString("model"u8, model);
            json.WriteStartObject("content"u8);
            json.WriteStartArray("parts"u8);
            json.WriteStartObject();
            body.WriteText("text"u8, input);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            if (options?.Dimensions is { } dimensions && !given.Has("outputDimensionality")) json.WriteNumber("outputDimensionality"u8, dimensions);

            // Such as taskType and title: the API has them for each text.
            given.Write(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
