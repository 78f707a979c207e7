using System.Text.Json;

namespace HarborClient.Testing.Engine;

// A body that was read, with the few things every protocol must know of it.
internal sealed record RequestBody(byte[] Bytes, JsonElement? Json, string? Model, bool IsStreaming)
{
    public static readonly RequestBody Unread = new([], null, null, false);

    public static JsonElement? ParseJson(byte[] bytes)
    {
        if (bytes.Length == 0) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null; // Not JSON is no fault of the emulator's: the attempt keeps the bytes.
        }
    }
}
