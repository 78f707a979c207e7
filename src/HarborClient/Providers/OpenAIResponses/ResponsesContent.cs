using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAIResponses;

/// <summary>Turns items that are neither text, reasoning nor calls of functions into contents, which keep the item itself.</summary>
internal static class ResponsesContent
{
    /// <summary>The content of an item.</summary>
    /// <param name="item">The item's members.</param>
    /// <param name="whole">Standing on the item's start.</param>
    internal static AIContent Of(ref ResponsesItemFields item, ref Utf8JsonReader whole)
    {
        if (item.Type == "image_generation_call" && item.Result.TokenType == JsonTokenType.String && item.Result.TryGetBytesFromBase64(out byte[]? bytes) && bytes.Length > 0)
            return ResponsesItem.Keep(new DataContent(bytes, MediaTypeOf(item.OutputFormat)), WithoutResult(ref whole));
        JsonElement kept = JsonElement.ParseValue(ref whole);
        if (item is { Type: "mcp_approval_request", Id: { Length: > 0 } id, Name: { } name })
            return ResponsesItem.Keep(new ToolApprovalRequestContent(id, new McpServerToolCallContent(id, name, item.ServerLabel) { Arguments = ArgumentsOf(kept) }), kept);
        return ResponsesItem.Keep(new AIContent(), kept);
    }

    private static string MediaTypeOf(string? format) => format switch
    {
        "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        _ => "image/png",
    };

    /// <summary>The image's bytes are the content's; they are not kept twice.</summary>
    private static JsonElement WithoutResult(ref Utf8JsonReader whole)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (JsonProperty member in JsonElement.ParseValue(ref whole).EnumerateObject())
            {
                if (!member.NameEquals("result"u8)) member.WriteTo(json);
            }

            json.WriteEndObject();
        }

        var kept = new Utf8JsonReader(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref kept);
    }

    private static Dictionary<string, object?>? ArgumentsOf(JsonElement item)
    {
        if (!item.TryGetProperty("arguments", out JsonElement text) || text.ValueKind != JsonValueKind.String) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text.GetString()!);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value.Clone(), StringComparer.Ordinal)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // The item is kept as it came; arguments that are no JSON object, or name one twice, are shown there only.
            return null;
        }
    }
}
