using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace HarborClient.Testing.Protocols;

internal static class JsonBytes
{
    // Providers send text outside ASCII as it is, so that a character can be cut by a chunk.
    private static readonly JsonWriterOptions AsProvidersWrite = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, AsProvidersWrite))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
