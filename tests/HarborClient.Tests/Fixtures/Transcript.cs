using System.Text;

namespace HarborClient.Tests.Fixtures;

// A stream written by hand, and the same events framed in the other ways that Server-Sent Events allow.
internal static class Transcript
{
    public static readonly string[] Names = ["text", "parallel-tool-calls", "refusal", "azure"];

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "Transcripts", $"{name}.sse"));

    public static IReadOnlyDictionary<string, Func<byte[], byte[]>> Framings { get; } = new Dictionary<string, Func<byte[], byte[]>>
    {
        ["as it is"] = bytes => bytes,
        ["CRLF"] = bytes => Replace(bytes, "\n", "\r\n"),
        ["CR"] = bytes => Replace(bytes, "\n", "\r"),
        ["a BOM"] = bytes => [0xEF, 0xBB, 0xBF, .. bytes],
        ["comments"] = bytes => Replace(bytes, "data: ", ": keep-alive\n:\n\ndata: "),
        ["no space after the colon"] = bytes => Replace(bytes, "data: ", "data:"),
        ["several data lines"] = bytes => Replace(bytes, ",\"choices\":", ",\ndata: \"choices\":"),
        ["event, id, retry and unknown fields"] = bytes => Replace(bytes, "data: ", "event: message\nid: 7\nretry: 1000\ndatabase: x\nwhatever\ndata: "),
        ["blank lines in between"] = bytes => Replace(bytes, "\n\n", "\n\n\n\n"),
        ["no blank line at the end"] = bytes => bytes[..^1],
        ["no line break at the end"] = bytes => bytes[..^2],
        ["something after the end marker"] = bytes => [.. bytes, .. "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"junk\"}}]}\n\n"u8],
    };

    private static byte[] Replace(byte[] bytes, string what, string with) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace(what, with, StringComparison.Ordinal));
}
