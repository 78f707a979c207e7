using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient.Typed;

/// <summary>What a type looks like to a model, and how its answer is read. Made once per type info. Immutable.</summary>
internal sealed class TypedShape<T>
{
    /// <summary>The member that holds what is no object: providers take only objects as answers.</summary>
    private const string WrapperMember = "data";

    /// <summary>Longest name of a schema that every provider takes.</summary>
    private const int MaxNameCharacters = 64;

    private static readonly ConditionalWeakTable<JsonTypeInfo<T>, TypedShape<T>> Known = new();

    /// <summary>What OpenAI's strict mode asks for; other providers take it too.</summary>
    private static readonly AIJsonSchemaCreateOptions SchemaOptions = new()
    {
        TransformOptions = new AIJsonSchemaTransformOptions { DisallowAdditionalProperties = true, RequireAllProperties = true, MoveDefaultKeywordToDescription = true },
    };

    private readonly JsonTypeInfo<T> _type;
    private readonly JsonDocumentOptions _documentOptions;
    private readonly bool _isWrapped;

    private TypedShape(JsonTypeInfo<T> type)
    {
        JsonElement schema = AIJsonUtilities.CreateJsonSchema(typeof(T), serializerOptions: type.Options, inferenceOptions: SchemaOptions);
        _isWrapped = !IsObject(schema);
        Schema = _isWrapped ? Wrapped(schema) : schema;
        Format = ChatResponseFormat.ForJsonSchema(Schema, Name());
        _type = Strict(type);
        _documentOptions = new JsonDocumentOptions { MaxDepth = type.Options.MaxDepth, AllowTrailingCommas = type.Options.AllowTrailingCommas };
    }

    internal JsonElement Schema { get; }

    internal ChatResponseFormat Format { get; }

    /// <exception cref="HarborException">No schema can be made of the type (Configuration).</exception>
    internal static TypedShape<T> Of(JsonTypeInfo<T> type)
    {
        try
        {
            return Known.GetValue(type, static key => new TypedShape<T>(key));
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or ArgumentException)
        {
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"No JSON schema can be made of {typeof(T).Name} with its type info: its options have to know every type in it.", e);
        }
    }

    /// <summary>Reads an answer: JSON, also inside a code fence, as many models write it.</summary>
    /// <exception cref="JsonException">It does not fit; other exceptions come from the type's own code.</exception>
    internal T Read(string text)
    {
        using JsonDocument document = JsonDocument.Parse(WithoutFence(text.AsSpan().Trim().Trim('\uFEFF')).ToString(), _documentOptions);
        JsonElement root = document.RootElement;
        if (_isWrapped && root.ValueKind == JsonValueKind.Object && root.TryGetProperty(WrapperMember, out JsonElement inner)) root = inner;
        return root.Deserialize(_type) is { } value ? value : throw new JsonException("The answer is null.");
    }

    private static ReadOnlySpan<char> WithoutFence(ReadOnlySpan<char> text)
    {
        const string Fence = "```";
        if (!text.StartsWith(Fence) || !text.EndsWith(Fence) || text.IndexOf('\n') is not (> 0 and int firstLine) || firstLine > text.Length - Fence.Length) return text;
        return text[firstLine..^Fence.Length];
    }

    /// <summary>The same type, but what is missing or null where the type allows neither is an error. What may be null may also be missing.</summary>
    private static JsonTypeInfo<T> Strict(JsonTypeInfo<T> type)
    {
        if (type.Options.TypeInfoResolver is not { } resolver) return type;
        var options = new JsonSerializerOptions(type.Options)
        {
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            TypeInfoResolver = resolver.WithAddedModifier(static info =>
            {
                foreach (JsonPropertyInfo property in info.Properties)
                {
                    if (property.AssociatedParameter is { IsNullable: true }) property.IsRequired = false;
                }
            }),
        };
        return options.TryGetTypeInfo(typeof(T), out JsonTypeInfo? strict) && strict is JsonTypeInfo<T> typed ? typed : type;
    }

    private static bool IsObject(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type"u8, out JsonElement type) && type.ValueEquals("object"u8);

    private static JsonElement Wrapped(JsonElement schema)
    {
        JsonNode inner = JsonNode.Parse(schema.GetRawText())!;
        Redirect(inner);
        var wrapper = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { [WrapperMember] = inner },
            ["required"] = new JsonArray(JsonValue.Create(WrapperMember)),
            ["additionalProperties"] = false,
        };
        using JsonDocument document = JsonDocument.Parse(wrapper.ToJsonString());
        return document.RootElement.Clone();
    }

    /// <summary>References of a schema start at its root, which is now one step further down.</summary>
    private static void Redirect(JsonNode? node)
    {
        if (node is JsonArray items)
        {
            foreach (JsonNode? item in items) Redirect(item);
        }
        else if (node is JsonObject members)
        {
            if (members["$ref"] is JsonValue value && value.TryGetValue(out string? target) && target.StartsWith('#')) members["$ref"] = $"#/properties/{WrapperMember}{target.AsSpan(1)}";
            foreach ((string _, JsonNode? member) in members) Redirect(member);
        }
    }

    /// <summary>Letters, digits, '_' and '-', as providers ask for.</summary>
    private static string Name() => string.Concat(typeof(T).Name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_').Take(MaxNameCharacters));
}
