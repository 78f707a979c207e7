using System.Buffers;
using System.Text;
using System.Text.Json;
using HarborClient.Errors;

namespace HarborClient.Providers.ZhipuLocal;

/// <summary>
/// A request's JSON with placeholders. It is parsed once, and values are written into it as JSON: whatever a prompt holds, it stays one value and is not
/// looked through for placeholders. Immutable.
/// </summary>
internal sealed class RequestTemplate
{
    private const string Open = "{{";
    private const string Close = "}}";

    private readonly JsonElement _root;

    private RequestTemplate(JsonElement root) => _root = root;

    /// <summary>Parses a setting.</summary>
    /// <exception cref="HarborException">It is no template (Configuration); the message names the setting.</exception>
    internal static RequestTemplate Parse(string text, string setting)
    {
        JsonElement root;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            root = document.RootElement.Clone();
            Check(root, setting);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Wrong(setting, $"is no JSON: {ErrorFactory.Quote(e.Message, 200)} A placeholder stands in a text, as in \"{{{{prompt}}}}\", also for numbers", e);
        }

        if (root.ValueKind != JsonValueKind.Object) throw Wrong(setting, "must be a JSON object");
        return new RequestTemplate(root);
    }

    internal void Write(IBufferWriter<byte> output, TemplateValues values)
    {
        using JsonBody body = JsonBody.Over(output);
        Write(body.Json, _root, values);
    }

    private static void Write(Utf8JsonWriter json, JsonElement part, TemplateValues values)
    {
        switch (part.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (JsonProperty member in part.EnumerateObject())
                {
                    if (IsLeftOut(member.Value, values)) continue;
                    json.WritePropertyName(member.Name);
                    Write(json, member.Value, values);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (JsonElement item in part.EnumerateArray())
                {
                    if (!IsLeftOut(item, values)) Write(json, item, values);
                }

                json.WriteEndArray();
                break;
            case JsonValueKind.String when part.GetString()!.Contains(Open, StringComparison.Ordinal):
                WriteText(json, part.GetString()!, values);
                break;
            default:
                part.WriteTo(json);
                break;
        }
    }

    private static void WriteText(Utf8JsonWriter json, string text, TemplateValues values)
    {
        if (NameOfWhole(text) is { } name)
        {
            values.Write(json, name);
            return;
        }

        var filled = new StringBuilder();
        int at = 0;
        while (text.IndexOf(Open, at, StringComparison.Ordinal) is >= 0 and int open)
        {
            int close = text.IndexOf(Close, open, StringComparison.Ordinal);
            filled.Append(text, at, open - at).Append(values.TextOf(text[(open + 2)..close].Trim()));
            at = close + 2;
        }

        json.WriteStringValue(filled.Append(text, at, text.Length - at).ToString());
    }

    private static bool IsLeftOut(JsonElement part, TemplateValues values) =>
        part.ValueKind == JsonValueKind.String && NameOfWhole(part.GetString()!) is { } name && !values.Has(name);

    /// <summary>The name of a text that is nothing but a placeholder.</summary>
    private static string? NameOfWhole(string text) =>
        text.StartsWith(Open, StringComparison.Ordinal) && text.IndexOf(Close, StringComparison.Ordinal) == text.Length - 2 ? text[2..^2].Trim() : null;

    private static void Check(JsonElement part, string setting)
    {
        switch (part.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty member in part.EnumerateObject())
                {
                    if (member.Name.Contains(Open, StringComparison.Ordinal)) throw Wrong(setting, "has a placeholder in a member's name; placeholders stand in values");
                    Check(member.Value, setting);
                }

                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in part.EnumerateArray()) Check(item, setting);
                break;
            case JsonValueKind.String:
                CheckText(part.GetString()!, setting);
                break;
        }
    }

    private static void CheckText(string text, string setting)
    {
        int at = 0;
        while (text.IndexOf(Open, at, StringComparison.Ordinal) is >= 0 and int open)
        {
            int close = text.IndexOf(Close, open, StringComparison.Ordinal);
            string name = close < 0 ? "" : text[(open + 2)..close].Trim();
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
                throw Wrong(setting, $"has a malformed placeholder in \"{ErrorFactory.Quote(text, 100)}\"; one is {{{{name}}}}, of ASCII letters, digits, '_' and '-'");
            at = close + 2;
        }
    }

    private static HarborException Wrong(string setting, string what, Exception? cause = null) => ErrorFactory.Setting(ErrorKind.Configuration, $"{setting} {what}.", cause);
}
