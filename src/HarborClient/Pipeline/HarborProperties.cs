using System.Globalization;
using System.Text.Json;
using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline;

/// <summary>Reads the <c>harbor.*</c> keys of <see cref="ChatOptions.AdditionalProperties"/>: the same settings as <see cref="HarborChatOptions"/>, for callers behind middleware.</summary>
internal static class HarborProperties
{
    internal const string Prefix = "harbor.";

    private const string Known =
        "harbor.mode, harbor.total_timeout, harbor.first_update_timeout, harbor.idle_timeout, harbor.mid_stream, harbor.cache, harbor.cache_ttl, harbor.cache_scope, "
        + "harbor.tenant, harbor.user, harbor.affinity, harbor.priority, harbor.data_class, harbor.allowed_targets, harbor.tags, harbor.openai_api";

    /// <summary>Whether a key is a setting of the client's, and so never goes to the wire. AdditionalProperties do not tell cases apart.</summary>
    internal static bool IsOurs(string key) => key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The settings given under harbor keys, or null when there are none.</summary>
    internal static HarborChatOptions? Read(AdditionalPropertiesDictionary? properties)
    {
        if (properties is null || properties.Count == 0) return null;
        HarborChatOptions? options = null;
        foreach ((string key, object? value) in properties)
        {
            if (IsOurs(key)) Set(options ??= new HarborChatOptions(), key.ToLowerInvariant(), value);
        }

        return options;
    }

    private static void Set(HarborChatOptions options, string key, object? value)
    {
        // Options that went through JSON carry their nulls as elements.
        if (value is JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined }) value = null;
        switch (key)
        {
            case "harbor.mode": options.Mode = Choice<PerformanceMode>(key, value); break;
            case "harbor.total_timeout": options.TotalTimeout = Time(key, value); break;
            case "harbor.first_update_timeout": options.FirstUpdateTimeout = Time(key, value); break;
            case "harbor.idle_timeout": options.IdleTimeout = Time(key, value); break;
            case "harbor.mid_stream": options.MidStream = Choice<MidStreamPolicy>(key, value); break;
            case "harbor.cache": options.Cache = Choice<CachePolicy>(key, value); break;
            case "harbor.cache_ttl": options.CacheTtl = Time(key, value); break;
            case "harbor.cache_scope": options.CacheScope = Text(key, value); break;
            case "harbor.tenant": options.Tenant = Text(key, value); break;
            case "harbor.user": options.User = Text(key, value); break;
            case "harbor.affinity": options.Affinity = Text(key, value); break;
            case "harbor.priority": options.Priority = Choice<CallPriority>(key, value); break;
            case "harbor.data_class": options.DataClass = Choice<DataClass>(key, value); break;
            case "harbor.allowed_targets": options.AllowedTargets = Texts(key, value); break;
            case "harbor.tags": options.Tags = Map(key, value); break;
            case "harbor.openai_api": options.OpenAIApi = Choice<OpenAIApi>(key, value); break;
            default: throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"AdditionalProperties has the unknown key '{ErrorFactory.Quote(key)}'. Known: {Known}.");
        }
    }

    private static TEnum? Choice<TEnum>(string key, object? value) where TEnum : struct, Enum => value switch
    {
        null => null,
        TEnum given => given,
        _ when Enum.TryParse(Text(key, value), ignoreCase: true, out TEnum parsed) && Enum.IsDefined(parsed) => parsed,
        _ => throw Wrong(key, value, $"one of {string.Join(", ", Enum.GetNames<TEnum>())}"),
    };

    private static TimeSpan? Time(string key, object? value)
    {
        switch (value)
        {
            case null: return null;
            case TimeSpan time: return time;
            case int or long or double or float or decimal:
                return Seconds(key, value, Convert.ToDouble(value, CultureInfo.InvariantCulture));
            case JsonElement { ValueKind: JsonValueKind.Number } number:
                return Seconds(key, value, number.GetDouble());
        }

        // A bare number in a text is seconds too; TimeSpan.Parse would take it for days.
        if (double.TryParse(Text(key, value), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)) return Seconds(key, value, seconds);
        return TimeSpan.TryParse(Text(key, value), CultureInfo.InvariantCulture, out TimeSpan parsed)
            ? parsed
            : throw Wrong(key, value, "a TimeSpan, a number of seconds or a text such as 00:00:30");
    }

    private static TimeSpan Seconds(string key, object value, double seconds) => seconds is > 0 and < 1e9
        ? TimeSpan.FromSeconds(seconds)
        : throw Wrong(key, value, "a positive number of seconds");

    private static string? Text(string key, object? value) => value switch
    {
        null => null,
        string text => text,
        JsonElement { ValueKind: JsonValueKind.Null } => null,
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString(),
        _ => throw Wrong(key, value, "a text"),
    };

    private static List<string>? Texts(string key, object? value) => value switch
    {
        null => null,
        IEnumerable<string> texts => [.. texts],
        JsonElement { ValueKind: JsonValueKind.Array } array => [.. array.EnumerateArray().Select(item => Text(key, item) ?? throw Wrong(key, value, "a list of texts"))],
        _ => [.. (Text(key, value) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
    };

    private static Dictionary<string, string>? Map(string key, object? value) => value switch
    {
        null => null,
        IEnumerable<KeyValuePair<string, string>> pairs => new Dictionary<string, string>(pairs),
        JsonElement { ValueKind: JsonValueKind.Object } map => MapOf(key, map),
        _ => throw Wrong(key, value, "a map of texts"),
    };

    private static Dictionary<string, string> MapOf(string key, JsonElement map)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty pair in map.EnumerateObject()) pairs[pair.Name] = Text(key, pair.Value) ?? "";
        return pairs;
    }

    private static HarborException Wrong(string key, object? value, string expected) =>
        ErrorFactory.Setting(ErrorKind.InvalidRequest, $"AdditionalProperties['{key}'] must be {expected} (was {value?.GetType().Name ?? "null"}).");
}
