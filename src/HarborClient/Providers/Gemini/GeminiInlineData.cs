using System.Buffers;
using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Gemini;

/// <summary>Reads <c>inlineData</c>: images and other data inside an answer.</summary>
internal static class GeminiInlineData
{
    /// <summary>From the start of the object; null where its data is no base64 of either alphabet.</summary>
    internal static DataContent? Read(ref Utf8JsonReader json)
    {
        string? type = null;
        byte[]? data = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "mimeType"u8)) type = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "data"u8)) data = ReadData(ref json);
            else JsonLenient.SkipValue(ref json);
        }

        return data is null ? null : new DataContent(data, MediaTypeHeaderValue.TryParse(type, out _) ? type! : "application/octet-stream");
    }

    private static byte[]? ReadData(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.String)
        {
            json.Skip();
            return null;
        }

        ReadOnlySpan<byte> text = json.ValueIsEscaped ? Encoding.UTF8.GetBytes(JsonLenient.CurrentText(ref json)!) : json.ValueSpan;
        byte[] data = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, data, out _, out int written) != OperationStatus.Done
            && Base64Url.DecodeFromUtf8(text, data, out _, out written) != OperationStatus.Done) return null;
        return data.AsSpan(0, written).ToArray();
    }
}
