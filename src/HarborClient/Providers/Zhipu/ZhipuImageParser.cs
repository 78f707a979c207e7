using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Zhipu;

/// <summary>Reads the images of CogView: <c>data</c>, each with <c>url</c> or <c>b64_json</c>.</summary>
internal sealed class ZhipuImageParser(Uri endpoint, Func<ReadOnlyMemory<byte>, HarborException> readError) : ServiceAnswerParser
{
    private protected override void Read(ReadOnlyMemory<byte> body, UpdateBatch batch)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        var images = new List<AIContent>();
        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            if (document.RootElement.TryGetProperty("error", out JsonElement error) && error.ValueKind != JsonValueKind.Null) throw readError(body);
            if (document.RootElement.TryGetProperty("data", out JsonElement data) && data.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement item in data.EnumerateArray())
                {
                    if (ImageOf(item) is { } image) images.Add(LinkedContent.ImageOf(image, endpoint));
                }
            }
        }

        if (images.Count == 0) throw new JsonException("there is no image in it");
        batch.Add(new HarborUpdate(HarborUpdateKind.Payload, images));
    }

    private static string? ImageOf(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object) return null;
        if (item.TryGetProperty("url", out JsonElement url) && ErrorFacts.TextOf(url) is { } address) return address;
        return item.TryGetProperty("b64_json", out JsonElement data) ? ErrorFacts.TextOf(data) : null;
    }
}
