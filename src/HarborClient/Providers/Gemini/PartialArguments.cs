using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HarborClient.Providers.Gemini;

/// <summary>The arguments of a call that come in pieces, each with the place of a value (<c>$.city.name</c>) and the next part of it.</summary>
internal sealed class PartialArguments(ToolCallHead head)
{
    /// <summary>Far more places than a call has arguments, and deeper ones than a schema of the API may nest.</summary>
    private const int MaxPlaces = 10_000;
    private const int MaxDepth = 32;

    private readonly OrderedDictionary<string, Value> _values = new(StringComparer.Ordinal);

    internal ToolCallHead Head => head;

    /// <summary>Reads a list of pieces, from its start.</summary>
    internal void Read(ref Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.StartObject) ReadPiece(ref json);
            else json.Skip();
        }
    }

    /// <summary>The arguments as far as they have come, as the JSON of an object.</summary>
    internal byte[] ToJson()
    {
        var root = new JsonObject();
        foreach ((string place, Value value) in _values) Set(root, StepsOf(place), value.Text is { } text ? JsonValue.Create(text.ToString()) : value.Node);
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private void ReadPiece(ref Utf8JsonReader json)
    {
        string? place = null;
        string? text = null;
        JsonNode? node = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "jsonPath"u8)) place = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "stringValue"u8)) text = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "numberValue"u8) || JsonLenient.Is(ref json, "boolValue"u8)) node = Scalar(ref json);
            else JsonLenient.SkipValue(ref json);
        }

        if (string.IsNullOrEmpty(place)) return;
        if (!_values.TryGetValue(place, out Value? value))
        {
            if (_values.Count == MaxPlaces) throw new JsonException($"a tool call has more than {MaxPlaces:N0} arguments");
            _values[place] = value = new Value();
        }

        if (text is not null) (value.Text ??= new StringBuilder()).Append(text);
        else value.Node = node;
    }

    private static JsonValue? Scalar(ref Utf8JsonReader json)
    {
        json.Read();
        switch (json.TokenType)
        {
            case JsonTokenType.True or JsonTokenType.False:
                return JsonValue.Create(json.TokenType == JsonTokenType.True);
            case JsonTokenType.Number:
                return JsonValue.Create(JsonElement.ParseValue(ref json));
            default:
                json.Skip();
                return null;
        }
    }

    /// <summary>The steps of a path: names, and positions in lists. One that goes too deep is a name as it stands.</summary>
    private static List<object> StepsOf(string place)
    {
        List<object> steps = [];
        string[] pieces = place.TrimStart('$').Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries);
        if (pieces.Length is 0 or > MaxDepth) return [place];
        foreach (string piece in pieces)
        {
            string inner = piece is ['[', .., ']'] ? piece[1..^1] : piece;
            if (inner.Length < piece.Length && int.TryParse(inner, NumberStyles.None, CultureInfo.InvariantCulture, out int position)) steps.Add(position);
            else steps.Add(inner.Trim('\'', '"'));
        }

        return steps;
    }

    private static void Set(JsonNode root, List<object> steps, JsonNode? value)
    {
        JsonNode at = root;
        for (int i = 0; i < steps.Count; i++)
        {
            bool isLast = i == steps.Count - 1;
            JsonNode? next = isLast ? value : ChildOf(at, steps[i]) ?? (steps[i + 1] is int ? new JsonArray() : new JsonObject());
            if (isLast || next!.Parent is null) Put(at, steps[i], next);
            at = next!;
        }
    }

    private static JsonNode? ChildOf(JsonNode parent, object step) => (parent, step) switch
    {
        (JsonObject members, _) => members[step.ToString()!] as JsonObject as JsonNode ?? members[step.ToString()!] as JsonArray,
        (JsonArray list, int position) when position < list.Count => list[position] as JsonObject as JsonNode ?? list[position] as JsonArray,
        _ => null,
    };

    /// <summary>A position beyond the end of a list is its next one: a host's number must not decide how long the list becomes.</summary>
    private static void Put(JsonNode parent, object step, JsonNode? value)
    {
        if (parent is JsonObject members) members[step.ToString()!] = value;
        else if (parent is JsonArray list && step is int position && position < list.Count) list[position] = value;
        else if (parent is JsonArray next) next.Add(value);
    }

    private sealed class Value
    {
        internal StringBuilder? Text { get; set; }

        internal JsonNode? Node { get; set; }
    }
}
