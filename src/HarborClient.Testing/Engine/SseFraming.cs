using System.Text;

namespace HarborClient.Testing.Engine;

// Server-sent events as bytes.
internal static class SseFraming
{
    public const string ContentType = "text/event-stream";

    public static byte[] Event(ReadOnlySpan<byte> data) => [.. "data: "u8, .. data, .. "\n\n"u8];

    public static byte[] Comment(string text) => Encoding.UTF8.GetBytes($": {text}\n\n");

    // Half an event still has its frame: only its JSON is broken.
    public static byte[] Malformed(ReadOnlySpan<byte> sseEvent) => [.. sseEvent[..(sseEvent.Length / 2)], .. "\n\n"u8];

    public static bool IsSse(string? contentType) => contentType?.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) == true;

    // Cuts a recorded stream after every blank line, whatever its line ends are; a last event without one is kept too.
    public static IEnumerable<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> body)
    {
        int start = 0;
        bool isLineEmpty = true;
        for (int i = 0; i < body.Length; i++)
        {
            byte value = body.Span[i];
            if (value is not ((byte)'\n' or (byte)'\r'))
            {
                isLineEmpty = false;
                continue;
            }

            if (value == '\r' && i + 1 < body.Length && body.Span[i + 1] == '\n') i++;
            if (isLineEmpty && i + 1 > start)
            {
                yield return body[start..(i + 1)];
                start = i + 1;
            }

            isLineEmpty = true;
        }

        if (start < body.Length) yield return body[start..];
    }
}
