using System.Text.Json;

namespace HarborClient.Providers.OpenAICompatible;

/// <summary>
/// Whether a schema keeps OpenAI's rules of strict mode, in which the model's answer is held to it: every object closed, and all of its properties
/// required. Asking for strict with another one fails the request; not asking leaves the schema a mere hint.
/// </summary>
internal static class StrictSchema
{
    /// <summary>OpenAI's own limit is 10 levels; what is deeper is not worth looking at.</summary>
    private const int MaxDepth = 32;

    internal static bool IsStrict(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out JsonElement type) && type.ValueEquals("object") && KeepsRules(schema, 0);

    private static bool KeepsRules(JsonElement schema, int depth)
    {
        if (depth > MaxDepth) return false;
        if (schema.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in schema.EnumerateArray())
            {
                if (!KeepsRules(item, depth + 1)) return false;
            }

            return true;
        }

        if (schema.ValueKind != JsonValueKind.Object) return true;
        bool isObject = schema.TryGetProperty("properties", out JsonElement properties) || (schema.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("object"));
        if (isObject && !IsClosed(schema, properties)) return false;
        foreach (JsonProperty member in schema.EnumerateObject())
        {
            bool isValues = member.Name is "properties" or "$defs" or "definitions";
            if (isValues && member.Value.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty named in member.Value.EnumerateObject())
                {
                    if (!KeepsRules(named.Value, depth + 1)) return false;
                }
            }
            else if (member.Name is "items" or "anyOf" && !KeepsRules(member.Value, depth + 1))
            {
                return false;
            }
            else if (member.Name is "allOf" or "oneOf" or "not" or "if" or "patternProperties" or "default")
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsClosed(JsonElement schema, JsonElement properties)
    {
        if (!schema.TryGetProperty("additionalProperties", out JsonElement more) || more.ValueKind != JsonValueKind.False) return false;
        if (properties.ValueKind != JsonValueKind.Object) return true;
        if (!schema.TryGetProperty("required", out JsonElement required) || required.ValueKind != JsonValueKind.Array) return !properties.EnumerateObject().Any();
        HashSet<string> names = [.. required.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!)];
        return properties.EnumerateObject().All(property => names.Contains(property.Name));
    }
}
