using System.Collections.Frozen;

namespace HarborClient.Providers.Gemini;

/// <summary>How a keyword of JSON Schema goes into Gemini's subset of it.</summary>
internal enum SchemaKeyword
{
    /// <summary>It is a part of the subset.</summary>
    Kept,

    /// <summary>A part of the subset that holds one schema.</summary>
    Schema,

    /// <summary>A part of the subset that holds a list of schemas.</summary>
    List,

    /// <summary>A part of the subset that holds schemas by name.</summary>
    Map,

    /// <summary>It says nothing about what is valid, so leaving it out changes nothing. Keywords that nobody knows are of this kind by the rules of JSON Schema.</summary>
    Annotation,

    /// <summary>It narrows a value in a way that words can say: it goes into the description.</summary>
    Described,

    /// <summary>It says the same as a keyword of the subset, which is written instead.</summary>
    Translated,

    /// <summary>It decides what an answer looks like, and nothing in the subset stands for it.</summary>
    Refused,
}

/// <summary>The keywords of JSON Schema, by what becomes of them.</summary>
internal static class SchemaKeywords
{
    private static readonly FrozenDictionary<string, SchemaKeyword> Kinds = new (SchemaKeyword Kind, string[] Names)[]
    {
        (SchemaKeyword.Kept, ["$id", "$anchor", "type", "format", "title", "required", "minItems", "maxItems", "minimum", "maximum", "propertyOrdering"]),
        (SchemaKeyword.Schema, ["items", "additionalProperties"]),
        (SchemaKeyword.List, ["prefixItems", "anyOf", "oneOf"]),
        (SchemaKeyword.Map, ["properties", "$defs"]),
        (SchemaKeyword.Described, ["pattern", "minLength", "maxLength", "multipleOf", "exclusiveMinimum", "exclusiveMaximum", "uniqueItems", "minProperties", "maxProperties"]),
        (SchemaKeyword.Translated, ["$ref", "description", "enum", "const", "definitions"]),
        (SchemaKeyword.Refused,
        [
            "allOf", "not", "if", "then", "else", "patternProperties", "propertyNames", "contains", "minContains", "maxContains", "dependencies", "dependentRequired",
            "dependentSchemas", "unevaluatedItems", "unevaluatedProperties", "additionalItems", "$dynamicRef", "$recursiveRef",
        ]),
    }.SelectMany(group => group.Names.Select(name => KeyValuePair.Create(name, group.Kind))).ToFrozenDictionary(StringComparer.Ordinal);

    internal static SchemaKeyword KindOf(string name) => Kinds.GetValueOrDefault(name, SchemaKeyword.Annotation);
}
