using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.ZhipuLocal;

/// <summary>What the placeholders of a template stand for in one call.</summary>
internal sealed class TemplateValues
{
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);
    private readonly JsonSerializerOptions _json;

    private TemplateValues(JsonSerializerOptions json) => _json = json;

    internal static TemplateValues Of(Call attempt, RequestDefaults defaults)
    {
        var values = new TemplateValues(attempt.Services.Json);
        if (attempt.Request.Service is { } input) values.TakeParameters(input.Json);
        else values.TakeChat(attempt, defaults);
        values._values["model"] = attempt.Target!.Model;
        return values;
    }

    internal bool Has(string name) => _values.ContainsKey(name);

    /// <summary>Writes a value with its own type; null where there is none.</summary>
    internal void Write(Utf8JsonWriter json, string name) => RequestMembers.WriteValue(json, _values.GetValueOrDefault(name), $"AdditionalProperties['{name}']", _json);

    /// <summary>A value as a part of a longer text; nothing where there is none.</summary>
    internal string TextOf(string name)
    {
        switch (_values.GetValueOrDefault(name))
        {
            case null: return "";
            case string text: return text;
            case JsonElement { ValueKind: JsonValueKind.String } element: return element.GetString()!;
            case IFormattable number and not JsonNode: return number.ToString(null, CultureInfo.InvariantCulture);
        }

        using var written = new MemoryStream();
        using (var json = new Utf8JsonWriter(written, RequestJson.WriterOptions)) Write(json, name);
        return Encoding.UTF8.GetString(written.GetBuffer(), 0, (int)written.Length);
    }

    private void TakeParameters(ReadOnlyMemory<byte> parameters)
    {
        using JsonDocument document = JsonDocument.Parse(parameters);
        foreach (JsonProperty parameter in document.RootElement.EnumerateObject()) _values[parameter.Name] = parameter.Value.Clone();
    }

    private void TakeChat(Call attempt, RequestDefaults defaults)
    {
        ChatOptions? options = attempt.Options;
        foreach ((string name, object? value) in options?.AdditionalProperties ?? [])
        {
            if (value is not null && !Pipeline.HarborProperties.IsOurs(name)) _values[name] = value;
        }

        Set("max_tokens", attempt.MaxOutputTokens ?? defaults.MaxOutputTokens);
        Set("temperature", options?.Temperature ?? defaults.Temperature);
        Set("top_p", options?.TopP);
        Set("seed", options?.Seed);
        if (options?.StopSequences is { Count: > 0 } stops) _values["stop"] = new JsonArray([.. stops.Select(stop => (JsonNode)stop)]);
        TakeMessages(attempt);
    }

    private void TakeMessages(Call attempt)
    {
        var system = new StringBuilder(attempt.Options?.Instructions);
        var messages = new JsonArray();
        foreach (ChatMessage message in attempt.Messages)
        {
            string text = message.Text;
            if (message.Role == ChatRole.System) system.Append(system.Length > 0 ? "\n" : "").Append(text);
            else if (message.Role == ChatRole.User) _values["prompt"] = text;
            messages.Add((JsonNode)new JsonObject { ["role"] = message.Role.Value, ["content"] = text });
            foreach (AIContent content in message.Contents)
            {
                if (content is DataContent data && data.HasTopLevelMediaType("image")) _values["image_url"] = data.Uri;
                else if (content is UriContent link && link.HasTopLevelMediaType("image")) _values["image_url"] = link.Uri.AbsoluteUri;
            }
        }

        if (system.Length > 0) _values["system"] = system.ToString();
        _values["messages"] = messages;
    }

    private void Set(string name, object? value)
    {
        if (value is not null) _values.TryAdd(name, value);
    }
}
