using System.Text.Json;

namespace HarborClient.Providers.Claude;

/// <summary>
/// Writes a JSON schema as Claude takes it for structured output: every object closed, and without the keywords that it refuses. Those are told to the
/// model in the description instead, as Anthropic's own clients do.
/// </summary>
internal static class ClaudeSchema
{
    private static readonly string[] Refused =
    [
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "maxItems", "uniqueItems", "minProperties", "maxProperties",
    ];

    /// <summary>Members whose value maps names, and not keywords, to schemas.</summary>
    private static readonly string[] Maps = ["properties", "$defs", "definitions", "patternProperties"];

    internal static void Write(Utf8JsonWriter json, JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.Array)
        {
            json.WriteStartArray();
            foreach (JsonElement item in schema.EnumerateArray()) Write(json, item);
            json.WriteEndArray();
        }
        else if (schema.ValueKind == JsonValueKind.Object)
        {
            WriteObject(json, schema);
        }
        else
        {
            schema.WriteTo(json);
        }
    }

    private static void WriteObject(Utf8JsonWriter json, JsonElement schema)
    {
        bool isObject = IsObject(schema);
        List<string>? limits = null;
        json.WriteStartObject();
        foreach (JsonProperty member in schema.EnumerateObject())
        {
            if (member.Name is "$schema" or "description" || (isObject && member.Name == "additionalProperties")) continue;
            if (IsRefused(member))
            {
                (limits ??= []).Add($"{member.Name}: {member.Value.GetRawText()}");
                continue;
            }

            json.WritePropertyName(member.Name);
            if (Array.IndexOf(Maps, member.Name) >= 0 && member.Value.ValueKind == JsonValueKind.Object) WriteMap(json, member.Value);
            else if (member.Name is "enum" or "const" or "default" or "examples" or "required") member.Value.WriteTo(json);
            else Write(json, member.Value);
        }

        WriteDescription(json, schema, limits);
        if (isObject) json.WriteBoolean("additionalProperties"u8, false);
        json.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter json, JsonElement map)
    {
        json.WriteStartObject();
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            json.WritePropertyName(entry.Name);
            Write(json, entry.Value);
        }

        json.WriteEndObject();
    }

    private static void WriteDescription(Utf8JsonWriter json, JsonElement schema, List<string>? limits)
    {
        string? text = schema.TryGetProperty("description", out JsonElement description) && description.ValueKind == JsonValueKind.String ? description.GetString() : null;
        if (limits is not null) text = $"{(text is null ? "" : text + "\n\n")}{{{string.Join(", ", limits)}}}";
        if (text is not null) json.WriteString("description"u8, text);
    }

    /// <summary>An object, or one among several types; a map of any names (additionalProperties as a schema) is refused by the API itself, with its own words.</summary>
    private static bool IsObject(JsonElement schema)
    {
        if (schema.TryGetProperty("additionalProperties", out JsonElement more) && more.ValueKind == JsonValueKind.Object) return false;
        if (!schema.TryGetProperty("type", out JsonElement type)) return schema.TryGetProperty("properties", out _);
        return type.ValueKind == JsonValueKind.String
            ? type.ValueEquals("object"u8)
            : type.ValueKind == JsonValueKind.Array && type.EnumerateArray().Any(each => each.ValueKind == JsonValueKind.String && each.ValueEquals("object"u8));
    }

    /// <summary>Of minItems the API takes 0 and 1.</summary>
    private static bool IsRefused(JsonProperty member) =>
        Array.IndexOf(Refused, member.Name) >= 0
        || (member.Name == "minItems" && !(member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out int least) && least is 0 or 1));
}
