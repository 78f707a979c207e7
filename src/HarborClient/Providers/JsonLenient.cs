using System.Globalization;
using System.Text;
using System.Text.Json;

namespace HarborClient.Providers;

/// <summary>Reads values the way hosts send them: numbers as text, null for anything, dates that no clock shows. A value of the wrong kind is skipped and null.</summary>
internal static class JsonLenient
{
    /// <summary>A host decides how long a text is; what is kept for the next answer is short.</summary>
    private const int MaxKeptCharacters = 200;

    /// <summary>Steps into the object, or into the first object of an array, as one gateway wraps its answers.</summary>
    internal static void StartObject(ref Utf8JsonReader json)
    {
        if (json.Read() && json.TokenType == JsonTokenType.StartArray) json.Read();
        if (json.TokenType != JsonTokenType.StartObject) throw new JsonException($"a JSON object was expected, not {json.TokenType}");
    }

    /// <summary>
    /// Whether the name or text the reader stands on is this one. Unlike <see cref="Utf8JsonReader.ValueTextEquals(ReadOnlySpan{byte})"/> it never throws
    /// over what cannot be unescaped.
    /// </summary>
    internal static bool Is(ref Utf8JsonReader json, ReadOnlySpan<byte> name) =>
        json.ValueIsEscaped ? CurrentText(ref json) == Encoding.UTF8.GetString(name) : json.ValueSpan.SequenceEqual(name);

    /// <summary>After an object that was read to its end: nothing but blanks, and the end of the array around it, may follow.</summary>
    internal static void End(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.EndObject) throw new JsonException($"its end was expected, not {json.TokenType}");
        if (json.CurrentDepth > 0 && (!json.Read() || json.TokenType != JsonTokenType.EndArray)) throw new JsonException("something follows the answer");
        if (json.Read()) throw new JsonException("something follows the answer");
    }

    /// <summary>From a property name: steps over its value.</summary>
    internal static void SkipValue(ref Utf8JsonReader json)
    {
        json.Read();
        json.Skip();
    }

    /// <summary>From a property name: steps into its array; anything else is skipped.</summary>
    internal static bool IsArray(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.StartArray) return true;
        json.Skip();
        return false;
    }

    internal static string? Text(ref Utf8JsonReader json)
    {
        json.Read();
        return CurrentText(ref json);
    }

    /// <summary>The same for a text that is nearly always the same, such as the model's name: the string it was before, where it is that again.</summary>
    /// <param name="json">The reader, on the property name.</param>
    /// <param name="latest">The text before. Threads may overwrite each other's: each value is right by itself.</param>
    internal static string? Text(ref Utf8JsonReader json, ref string? latest)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.String && !json.ValueIsEscaped && latest is { } known && System.Text.Ascii.Equals(json.ValueSpan, known)) return known;
        string? text = CurrentText(ref json);
        if (text?.Length <= MaxKeptCharacters) latest = text;
        return text;
    }

    internal static string? CurrentText(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.String or JsonTokenType.PropertyName when !json.ValueIsEscaped:
                return Encoding.UTF8.GetString(json.ValueSpan);
            case JsonTokenType.String or JsonTokenType.PropertyName:
                return EscapedText(ref json);
            case JsonTokenType.Number:
                return Encoding.UTF8.GetString(json.ValueSpan);
            default:
                json.Skip();
                return null;
        }
    }

    internal static long? Integer(ref Utf8JsonReader json)
    {
        json.Read();
        switch (json.TokenType)
        {
            case JsonTokenType.Number when json.TryGetInt64(out long number):
                return number;
            case JsonTokenType.Number:
                return json.TryGetDouble(out double real) && double.IsFinite(real) ? (long)Math.Clamp(real, long.MinValue, long.MaxValue) : null;
            case JsonTokenType.String:
                return long.TryParse(json.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long parsed) ? parsed : null;
            default:
                json.Skip();
                return null;
        }
    }

    /// <summary>Counts are never negative, and none is this large: what is, is not a count. The bound keeps sums over many answers from running over.</summary>
    internal static long? Count(ref Utf8JsonReader json) => Integer(ref json) is { } count and >= 0 and <= 1_000_000_000_000_000 ? count : null;

    internal static DateTimeOffset? UnixTime(ref Utf8JsonReader json)
    {
        // 0 and negative values stand for unknown; the upper bound is the year 9999.
        return Integer(ref json) is { } seconds and > 0 and <= 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
    }

    private static string EscapedText(ref Utf8JsonReader json)
    {
        var buffer = new Pools.PooledBuffer(new Pools.ResourceCounters(), json.ValueSpan.Length);
        try
        {
            JsonText.Unescape(json.ValueSpan, buffer);
            return Encoding.UTF8.GetString(buffer.Span);
        }
        finally
        {
            buffer.Return();
        }
    }
}
