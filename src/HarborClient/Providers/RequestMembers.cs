using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using HarborClient.Errors;
using HarborClient.Options;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers;

/// <summary>
/// The members a caller gives for the request body itself: those of a raw <see cref="JsonObject"/> (<see cref="ChatOptions.RawRepresentationFactory"/>),
/// then those of <see cref="ChatOptions.AdditionalProperties"/>. What they set, the writer leaves alone.
/// </summary>
internal readonly struct RequestMembers
{
    /// <summary>Members that do not change an answer: metadata, ids of users and requests, and how the answer travels.</summary>
    private static readonly FrozenSet<string> MeansNothing = FrozenSet.ToFrozenSet(
        ["stream", "stream_options", "user", "user_id", "request_id", "metadata", "safety_identifier", "prompt_cache_key"], StringComparer.Ordinal);

    private readonly JsonObject? _raw;
    private readonly AdditionalPropertiesDictionary? _extra;
    private readonly ValueJson _json;

    // Nobody is sent it: it tells requests apart.
    private readonly bool _isDraft;

    /// <summary>Takes what the caller of an attempt gave.</summary>
    /// <param name="attempt">The attempt, or a draft of one.</param>
    /// <param name="written">Members that the client writes by itself and that nobody may replace.</param>
    internal RequestMembers(Call attempt, ReadOnlySpan<string> written)
        : this(attempt.Request.RawRepresentation, PropertiesOf(attempt), attempt.Services.ValueJson, written) => _isDraft = attempt.IsDraft;

    /// <summary>Takes what the caller gave.</summary>
    /// <param name="raw">What RawRepresentationFactory returned.</param>
    /// <param name="extra">The options' additional properties.</param>
    /// <param name="json">The client's JSON options, for values of the caller's own types.</param>
    /// <param name="written">Members that the client writes by itself and that nobody may replace.</param>
    private RequestMembers(object? raw, AdditionalPropertiesDictionary? extra, ValueJson json, ReadOnlySpan<string> written)
    {
        _raw = raw switch
        {
            null => null,
            JsonObject members => members,
            _ => throw ErrorFactory.Setting(
                ErrorKind.InvalidRequest,
                $"RawRepresentationFactory returned a {raw.GetType().Name}; this provider takes a System.Text.Json.Nodes.JsonObject with members of the request body."),
        };
        _extra = extra;
        _json = json;
        Refuse(written);
        if (_raw?.Any(member => HarborProperties.IsOurs(member.Key)) == true)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, "RawRepresentationFactory returned a member that begins with 'harbor.': those settings belong into AdditionalProperties, and never reach the wire.");
    }

    /// <summary>Whether the caller gave a member of this name.</summary>
    internal bool Has(string name) => _raw?.ContainsKey(name) == true || _extra?.ContainsKey(name) == true;

    /// <summary>The members inside an object that the caller gave, for a writer that adds its own beside them and keeps <see cref="Write"/> from writing it again.</summary>
    internal RequestMembers Inside(string name)
    {
        object? value = _raw?.ContainsKey(name) == true ? _raw[name] : _extra?.GetValueOrDefault(name);
        if (value is null) return default;
        JsonNode? node = value as JsonNode ?? Parsed(value, name);
        if (node is not JsonObject members)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"'{name}' in AdditionalProperties or RawRepresentationFactory must be a JSON object: the client adds its own members to it.");
        return new RequestMembers(members, null, _json, []);
    }

    /// <summary>Writes what the caller gave. The <c>harbor.*</c> keys never reach the wire.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="belongs">Whether a member of this name is written here; by default all are.</param>
    internal void Write(Utf8JsonWriter json, Predicate<string>? belongs = null)
    {
        if (_isDraft)
        {
            WriteDraft(json);
            return;
        }

        if (_raw is not null)
        {
            foreach ((string name, JsonNode? value) in _raw)
            {
                if (belongs?.Invoke(name) == false) continue;
                json.WritePropertyName(name);
                if (value is null) json.WriteNullValue();
                else value.WriteTo(json);
            }
        }

        if (_extra is null) return;
        foreach ((string name, object? value) in _extra)
        {
            if (HarborProperties.IsOurs(name) || _raw?.ContainsKey(name) == true || belongs?.Invoke(name) == false) continue;
            json.WritePropertyName(name);
            WriteValue(json, value, name, _json.Options);
        }
    }

    /// <summary>
    /// What tells this request from another: every member, in the order of names and wherever it goes (a header, another object), but for those that say whose request it is and how its
    /// answer travels.
    /// </summary>
    private void WriteDraft(Utf8JsonWriter json)
    {
        if (_extra is null) return;
        foreach ((string name, object? value) in _extra.OrderBy(member => member.Key, StringComparer.Ordinal))
        {
            if (HarborProperties.IsOurs(name) || MeansNothing.Contains(name)) continue;
            json.WritePropertyName(name);
            WriteValue(json, value, name, _json.Options);
        }
    }

    private static AdditionalPropertiesDictionary? PropertiesOf(Call attempt) =>
        attempt.Operation == CallOperation.Embed ? attempt.Request.EmbeddingOptions?.AdditionalProperties : attempt.Options?.AdditionalProperties;

    /// <summary>Writes any value; types that are not JSON's own need type information in the client's JSON options.</summary>
    internal static void WriteValue(Utf8JsonWriter json, object? value, string what, JsonSerializerOptions options)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case string text: json.WriteStringValue(text); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case int number: json.WriteNumberValue(number); break;
            case long number: json.WriteNumberValue(number); break;
            case double number: json.WriteNumberValue(number); break;
            case float number: json.WriteNumberValue(number); break;
            case decimal number: json.WriteNumberValue(number); break;
            case JsonElement element: element.WriteTo(json); break;
            case JsonNode node: node.WriteTo(json); break;
            default: JsonSerializer.Serialize(json, value, TypeInfoOf(value.GetType(), what, options)); break;
        }
    }

    internal static JsonTypeInfo TypeInfoOf(Type type, string what, JsonSerializerOptions options) =>
        options.TryGetTypeInfo(type, out JsonTypeInfo? info)
            ? info
            : throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"{what} is a {type.Name}, which the client's JSON options do not know. Add its source-generated type information with UseJsonOptions.");

    private JsonNode? Parsed(object value, string name)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) WriteValue(json, value, name, _json.Options);
        return JsonNode.Parse(buffer.WrittenSpan);
    }

    private void Refuse(ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Has(name)) throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"'{name}' cannot be set through AdditionalProperties or RawRepresentationFactory: the client writes it (a model is named by ModelId).");
        }
    }
}
