using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAICompatible;

/// <summary>Reads what few messages have beside text and calls: audio, images, and what the text was taken from.</summary>
internal static class ChatExtrasReader
{
    internal static bool IsExtra(ref Utf8JsonReader json) =>
        JsonLenient.Is(ref json, "annotations"u8) || JsonLenient.Is(ref json, "audio"u8) || JsonLenient.Is(ref json, "images"u8);

    /// <summary>Goes over a message a second time: readers that wait for what nearly no message has would cost every delta of every stream.</summary>
    /// <param name="message">From the message's start; what follows it is not read.</param>
    /// <param name="batch">Receives the updates.</param>
    internal static void Read(ReadOnlyMemory<byte> message, UpdateBatch batch)
    {
        var json = new Utf8JsonReader(message.Span);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isAudio = JsonLenient.Is(ref json, "audio"u8);
            bool isAnnotations = JsonLenient.Is(ref json, "annotations"u8);
            bool isImages = JsonLenient.Is(ref json, "images"u8);
            json.Read();
            if (isAudio && json.TokenType == JsonTokenType.StartObject) ReadAudio(ref json, message, batch);
            else if (isAnnotations && json.TokenType == JsonTokenType.StartArray) ReadAnnotations(ref json, batch);
            else if (isImages && json.TokenType == JsonTokenType.StartArray) ReadImages(ref json, batch);
            else json.Skip();
        }
    }

    /// <summary>From the start of <c>audio</c>: its transcript is the answer's text, its data a content of its own. Streams send both in pieces.</summary>
    private static void ReadAudio(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        byte[]? bytes = null;
        Utf8JsonReader transcript = default;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "data"u8))
            {
                json.Read();
                if (json.TokenType != JsonTokenType.String || !json.TryGetBytesFromBase64(out bytes)) json.Skip();
            }
            else if (JsonLenient.Is(ref json, "transcript"u8))
            {
                json.Read();
                transcript = json;
                json.Skip();
            }
            else
            {
                JsonLenient.SkipValue(ref json);
            }
        }

        if (transcript.TokenType == JsonTokenType.String) batch.AddText(HarborUpdateKind.Text, ref transcript, data);
        if (bytes is { Length: > 0 }) batch.Add(new HarborUpdate(HarborUpdateKind.Content, new DataContent(bytes, AudioTypeOf(bytes))));
    }

    /// <summary>From the start of <c>annotations</c>.</summary>
    private static void ReadAnnotations(ref Utf8JsonReader json, UpdateBatch batch)
    {
        if (AnnotationReader.Read(ref json, batch) is { } annotations) batch.Add(new HarborUpdate(HarborUpdateKind.Text, annotations));
    }

    /// <summary>From the start of <c>images</c>, which routers in front of image models add.</summary>
    private static void ReadImages(ref Utf8JsonReader json, UpdateBatch batch)
    {
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.StartObject) batch.Add(new HarborUpdate(HarborUpdateKind.Content, ImageOf(JsonElement.ParseValue(ref json))));
            else json.Skip();
        }
    }

    private static AIContent ImageOf(JsonElement image)
    {
        if (image.TryGetProperty("image_url", out JsonElement place) && place.ValueKind == JsonValueKind.Object && place.TryGetProperty("url", out JsonElement url) && url.ValueKind == JsonValueKind.String)
        {
            try
            {
                string address = url.GetString()!;
                return address.StartsWith("data:", StringComparison.Ordinal) ? new DataContent(address) : new UriContent(address, "image/*");
            }
            catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException)
            {
                // No address of anything: carried as it is.
            }
        }

        return new AIContent { RawRepresentation = image };
    }

    /// <summary>The answer does not say what it asked for; the bytes do. Pieces of a stream are raw samples, the only format that OpenAI streams.</summary>
    private static string AudioTypeOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("RIFF"u8)) return "audio/wav";
        if (bytes.StartsWith("fLaC"u8)) return "audio/flac";
        if (bytes.StartsWith("OggS"u8)) return "audio/ogg";
        bool isMpeg = bytes.StartsWith("ID3"u8) || (bytes.Length > 1 && bytes[0] == 0xFF && (bytes[1] & 0xE0) == 0xE0);
        return isMpeg ? "audio/mpeg" : "audio/pcm";
    }
}
