using System.Globalization;
using System.Text.Json;
using HarborClient.Errors;

namespace HarborClient.Providers;

/// <summary>A place in a JSON text (RFC 6901), such as <c>/data/0/url</c>. Immutable.</summary>
internal sealed class JsonPointer
{
    private const int MaxTokens = 32;

    private readonly string _text;
    private readonly string[] _tokens;

    private JsonPointer(string text, string[] tokens)
    {
        _text = text;
        _tokens = tokens;
    }

    public override string ToString() => _text;

    /// <summary>Parses a setting.</summary>
    /// <exception cref="HarborException">It is no pointer (Configuration); the message names the setting.</exception>
    internal static JsonPointer Parse(string text, string setting)
    {
        string[] tokens = text.Length == 0 ? [] : text[1..].Split('/');
        bool isWellFormed = (text.Length == 0 || text[0] == '/') && tokens.Length <= MaxTokens && tokens.All(IsWellFormed);
        if (!isWellFormed)
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"{setting} must be a JSON pointer (RFC 6901), such as /data/0/url, of at most {MaxTokens} steps (was '{ErrorFactory.Quote(text, 100)}').");
        return new JsonPointer(text, [.. tokens.Select(token => token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]);
    }

    /// <summary>What stands there; null where nothing does, and where null does.</summary>
    internal JsonElement? Find(JsonElement root)
    {
        JsonElement place = root;
        foreach (string token in _tokens)
        {
            switch (place.ValueKind)
            {
                case JsonValueKind.Object when place.TryGetProperty(token, out JsonElement member):
                    place = member;
                    break;
                case JsonValueKind.Array when IndexOf(token) is { } index && index < place.GetArrayLength():
                    place = place[index];
                    break;
                default:
                    return null;
            }
        }

        return place.ValueKind == JsonValueKind.Null ? null : place;
    }

    /// <summary>The text that stands there; null where nothing does.</summary>
    /// <exception cref="JsonException">Something else stands there.</exception>
    internal string? TextIn(JsonElement root, string what)
    {
        if (Find(root) is not { } place) return null;
        if (place.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            throw new JsonException($"at '{_text}' there is {(place.ValueKind == JsonValueKind.Array ? "an array" : "an object")} where {what} was expected");
        return ErrorFacts.TextOf(place);
    }

    /// <summary>The texts that stand there: one, or an array of them.</summary>
    internal IEnumerable<string> TextsIn(JsonElement root, string what)
    {
        if (Find(root) is not { ValueKind: JsonValueKind.Array } list) return TextIn(root, what) is { } text ? [text] : [];
        if (list.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String)) throw new JsonException($"the array at '{_text}' holds something else than {what}");
        return [.. list.EnumerateArray().Select(item => ErrorFacts.TextOf(item)!)];
    }

    private static bool IsWellFormed(string token)
    {
        for (int at = token.IndexOf('~', StringComparison.Ordinal); at >= 0; at = token.IndexOf('~', at + 1))
        {
            if (at + 1 == token.Length || token[at + 1] is not ('0' or '1')) return false;
        }

        return true;
    }

    private static int? IndexOf(string token) =>
        (token == "0" || !token.StartsWith('0')) && int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;
}
