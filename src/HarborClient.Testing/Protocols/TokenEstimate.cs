using System.Text;
using System.Text.Json;

namespace HarborClient.Testing.Protocols;

// Four bytes of UTF-8 a token: wrong, but the same on every run.
internal static class TokenEstimate
{
    public const int BytesPerToken = 4;

    public static long Of(string? text) => string.IsNullOrEmpty(text) ? 0 : (Encoding.UTF8.GetByteCount(text) + BytesPerToken - 1) / BytesPerToken;

    // Every string inside, whatever its place: texts, tool descriptions, token arrays as their digits.
    public static long Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => Of(json.GetString()),
        JsonValueKind.Number => 1,
        JsonValueKind.Array => json.EnumerateArray().Sum(Of),
        JsonValueKind.Object => json.EnumerateObject().Sum(member => Of(member.Value)),
        _ => 0,
    };
}
