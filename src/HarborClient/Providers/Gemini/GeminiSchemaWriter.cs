using System.Text.Json;
using HarborClient.Errors;

namespace HarborClient.Providers.Gemini;

/// <summary>
/// Writes a JSON schema in the subset that Gemini reads: what says the same in other words is converted, what only narrows a value goes into the
/// description, what only informs is left out, and the rest is refused with its place.
/// </summary>
internal static class GeminiSchemaWriter
{
    internal static void Write(Utf8JsonWriter json, JsonElement schema) => Write(json, schema, "#");

    private static void Write(Utf8JsonWriter json, JsonElement schema, string place)
    {
        switch (schema.ValueKind)
        {
            case JsonValueKind.Object when HasNullInEnum(schema):
                WriteNullable(json, schema, place);
                break;
            case JsonValueKind.Object:
                json.WriteStartObject();
                WriteKeywords(json, schema, place, withoutNull: false);
                json.WriteEndObject();
                break;
            case JsonValueKind.True:
                json.WriteStartObject();
                json.WriteEndObject();
                break;
            default:
                throw Refused(schema.ValueKind == JsonValueKind.False ? "false" : schema.ValueKind.ToString(), place, "nothing would be valid there");
        }
    }

    /// <summary>The subset's enum takes texts and numbers; one that holds null, as that of an optional enum does, becomes a choice between the rest and null.</summary>
    private static void WriteNullable(Utf8JsonWriter json, JsonElement schema, string place)
    {
        json.WriteStartObject();
        json.WriteStartArray("anyOf"u8);
        json.WriteStartObject();
        WriteKeywords(json, schema, place, withoutNull: true);
        json.WriteEndObject();
        json.WriteStartObject();
        json.WriteString("type"u8, "null"u8);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteKeywords(Utf8JsonWriter json, JsonElement schema, string place, bool withoutNull)
    {
        if (schema.TryGetProperty("$ref"u8, out JsonElement reference))
        {
            WriteReference(json, schema, reference, place);
            return;
        }

        foreach (JsonProperty member in schema.EnumerateObject())
        {
            string inside = $"{place}/{member.Name}";
            switch (SchemaKeywords.KindOf(member.Name))
            {
                case SchemaKeyword.Kept when withoutNull && member.Name == "type":
                    WriteTypeWithoutNull(json, member.Value);
                    break;
                case SchemaKeyword.Kept:
                    member.WriteTo(json);
                    break;
                case SchemaKeyword.Schema when member.Value.ValueKind == JsonValueKind.Array:
                    // The older way to write a tuple.
                    WriteList(json, "prefixItems", member.Value, inside);
                    break;
                case SchemaKeyword.Schema when member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False && member.Name == "additionalProperties":
                    member.WriteTo(json);
                    break;
                case SchemaKeyword.Schema:
                    json.WritePropertyName(member.Name);
                    Write(json, member.Value, inside);
                    break;
                case SchemaKeyword.List:
                    WriteList(json, member.Name, member.Value, inside);
                    break;
                case SchemaKeyword.Map:
                    WriteMap(json, member.Name, member.Value, inside);
                    break;
                case SchemaKeyword.Translated:
                    WriteTranslated(json, member, place, inside);
                    break;
                case SchemaKeyword.Refused:
                    throw Refused(member.Name, place, "nothing in the subset stands for it");
            }
        }

        WriteDescription(json, schema);
    }

    private static void WriteTranslated(Utf8JsonWriter json, JsonProperty member, string place, string inside)
    {
        switch (member.Name)
        {
            case "definitions":
                WriteMap(json, "$defs", member.Value, inside);
                break;
            case "enum":
                WriteEnum(json, member.Value, place);
                break;
            case "const" when member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number:
                json.WriteStartArray("enum"u8);
                member.Value.WriteTo(json);
                json.WriteEndArray();
                break;
            case "const":
                throw Refused("const", place, "its enum takes texts and numbers");
        }
    }

    private static void WriteEnum(Utf8JsonWriter json, JsonElement values, string place)
    {
        if (values.ValueKind != JsonValueKind.Array) throw Refused("enum", place, "it is no list");
        json.WriteStartArray("enum"u8);
        foreach (JsonElement value in values.EnumerateArray())
        {
            if (value.ValueKind == JsonValueKind.Null) continue;
            if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number)) throw Refused("enum", place, "its enum takes texts and numbers");
            value.WriteTo(json);
        }

        json.WriteEndArray();
    }

    /// <summary>Beside a reference only keywords that begin with $ may stand. What merely informs is left out; a type is the referenced schema's own.</summary>
    private static void WriteReference(Utf8JsonWriter json, JsonElement schema, JsonElement reference, string place)
    {
        string? target = reference.ValueKind == JsonValueKind.String ? reference.GetString() : null;
        if (target?.StartsWith('#') != true) throw Refused("$ref", place, "it refers to another document");
        const string Older = "#/definitions/";
        json.WriteString("$ref"u8, target.StartsWith(Older, StringComparison.Ordinal) ? "#/$defs/" + target[Older.Length..] : target);
        foreach (JsonProperty member in schema.EnumerateObject())
        {
            if (member.Name is "$defs" or "definitions") WriteMap(json, "$defs", member.Value, $"{place}/{member.Name}");
            else if (member.Name is not ("$ref" or "type" or "title" or "description") && SchemaKeywords.KindOf(member.Name) != SchemaKeyword.Annotation && member.Name[0] != '$')
                throw Refused(member.Name, place, "nothing may stand beside a $ref");
        }
    }

    private static void WriteList(Utf8JsonWriter json, string name, JsonElement schemas, string place)
    {
        if (schemas.ValueKind != JsonValueKind.Array) throw Refused(name, place, "it is no list");
        json.WriteStartArray(name);
        int position = 0;
        foreach (JsonElement schema in schemas.EnumerateArray()) Write(json, schema, $"{place}/{position++}");
        json.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter json, string name, JsonElement schemas, string place)
    {
        if (schemas.ValueKind != JsonValueKind.Object) throw Refused(name, place, "it is no object");
        json.WriteStartObject(name);
        foreach (JsonProperty schema in schemas.EnumerateObject())
        {
            json.WritePropertyName(schema.Name);
            Write(json, schema.Value, $"{place}/{schema.Name}");
        }

        json.WriteEndObject();
    }

    private static void WriteDescription(Utf8JsonWriter json, JsonElement schema)
    {
        string? text = schema.TryGetProperty("description"u8, out JsonElement given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
        string[] limits = [.. schema.EnumerateObject().Where(member => SchemaKeywords.KindOf(member.Name) == SchemaKeyword.Described).Select(member => $"{member.Name}: {member.Value}")];
        if (limits.Length > 0) text = $"{text}{(string.IsNullOrEmpty(text) ? "" : " ")}({string.Join("; ", limits)})";
        if (text is not null) json.WriteString("description"u8, text);
    }

    private static void WriteTypeWithoutNull(Utf8JsonWriter json, JsonElement type)
    {
        json.WritePropertyName("type"u8);
        if (type.ValueKind != JsonValueKind.Array)
        {
            type.WriteTo(json);
            return;
        }

        json.WriteStartArray();
        foreach (JsonElement word in type.EnumerateArray())
        {
            if (!word.ValueEquals("null"u8)) word.WriteTo(json);
        }

        json.WriteEndArray();
    }

    private static bool HasNullInEnum(JsonElement schema) =>
        schema.TryGetProperty("enum"u8, out JsonElement values) && values.ValueKind == JsonValueKind.Array
        && values.EnumerateArray().Any(value => value.ValueKind == JsonValueKind.Null);

    private static HarborException Refused(string keyword, string place, string why) => ErrorFactory.Setting(
        ErrorKind.InvalidRequest,
        $"The schema of ResponseFormat has '{ErrorFactory.Quote(keyword, 60)}' at {ErrorFactory.Quote(place, 300)}, which Gemini's subset of JSON Schema cannot express: {why}. Change the schema, or "
        + "check the answer yourself.");
}
