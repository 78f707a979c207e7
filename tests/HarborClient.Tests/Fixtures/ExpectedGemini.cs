using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace HarborClient.Tests.Fixtures;

// What expected.json says in Google's words, and what only Gemini's answers have.
internal static class ExpectedGemini
{
    // Google's number is the HTTP status again; its word is the code.
    public static string? CodeOf(JsonElement error) => Word(error, "type") is { } word && IsStatusWord(word) ? word : null;

    public static TimeSpan? RetryAfterOf(JsonElement error) => Word(error, "retry_delay") is { } delay
        ? TimeSpan.FromSeconds(double.Parse(delay.TrimEnd('s'), CultureInfo.InvariantCulture))
        : null;

    public static ErrorKind[]? KindsOf(JsonElement error) => Word(error, "reason") == "API_KEY_INVALID" ? [ErrorKind.Authentication] : null;

    public static void AssertChat(List<AIContent> contents, string? finish, JsonElement expected)
    {
        if (Word(expected, "block_reason") is { } blocked) finish.Should().Be(blocked);
        if (expected.TryGetProperty("image_count", out var images)) contents.OfType<DataContent>().Should().HaveCount(images.GetInt32()).And.OnlyContain(image => image.HasTopLevelMediaType("image"));
        if (!IsGemini(expected)) return;
        var signatures = contents.OfType<TextReasoningContent>().Select(content => content.ProtectedData).OfType<string>().ToList();
        signatures.Select(HashOf).Should().Equal(List(expected, "reasoning_signatures").Select(signature => signature.GetProperty("sha256").GetString()!.ToUpperInvariant()));
        var others = contents.Where(content => content is CodeInterpreterToolCallContent or CodeInterpreterToolResultContent).Select(content => ((JsonElement)content.RawRepresentation!).EnumerateObject().First().Name);
        others.Should().Equal(List(expected, "other_items").Select(item => item.GetString()));
    }

    // Other providers list signatures and items of their own, with their own rules.
    private static bool IsGemini(JsonElement expected) => Word(expected, "model")?.StartsWith("gemini-", StringComparison.Ordinal) == true;

    private static bool IsStatusWord(string word) => word.All(c => char.IsAsciiLetterUpper(c) || c == '_');

    private static string HashOf(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static JsonElement.ArrayEnumerator List(JsonElement parent, string name) => parent.TryGetProperty(name, out var list) ? list.EnumerateArray() : default;

    private static string? Word(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
