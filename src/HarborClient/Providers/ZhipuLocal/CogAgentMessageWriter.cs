using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.ZhipuLocal;

/// <summary>Writes the one message that CogAgent's server reads: the last text and the last image of the user.</summary>
internal static class CogAgentMessageWriter
{
    internal static void Write(JsonBody body, Call attempt)
    {
        string? text = null;
        AIContent? image = null;
        int contents = string.IsNullOrEmpty(attempt.Options?.Instructions) ? 0 : 1;
        foreach (ChatMessage message in attempt.Messages)
        {
            foreach (AIContent content in message.Contents)
            {
                contents++;
                if (message.Role != ChatRole.User) continue;
                if (content is TextContent part) text = part.Text;
                else if (content is DataContent or UriContent) image = content;
            }
        }

        if (text is null) throw Refused("it needs a text of the user");
        if (contents > (image is null ? 1 : 2))
            Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, "earlier messages, texts and images", "its server reads the last text and the last image only");
        Utf8JsonWriter json = body.Json;
        json.WriteStartArray("messages"u8);
        json.WriteStartObject();
        json.WriteString("role"u8, "user"u8);
        json.WriteStartArray("content"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "text"u8);
        body.WriteText("text"u8, text);
        json.WriteEndObject();
        if (image is not null) WriteImage(body, image);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteImage(JsonBody body, AIContent image)
    {
        if (image is not DataContent data || !(data.MediaType.Equals("image/jpeg", StringComparison.OrdinalIgnoreCase) || data.MediaType.Equals("image/jpg", StringComparison.OrdinalIgnoreCase)))
            throw Refused("it takes images as JPEG data only, so convert the image and send it as DataContent with the media type image/jpeg");
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("type"u8, "image_url"u8);
        json.WriteStartObject("image_url"u8);
        body.WriteDataUri("url"u8, "image/jpeg", data.Data.Span);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static HarborException Refused(string why) =>
        ErrorFactory.Setting(ErrorKind.InvalidRequest, $"CogAgent's server cannot take these messages: {why}. Nothing was sent.");
}
