using System.Text.Json;

namespace HarborClient.Providers.Gemini;

/// <summary>What an error of Google's says beyond its message.</summary>
/// <param name="Code">The number of an HTTP status.</param>
/// <param name="Status">The word for it, such as <c>RESOURCE_EXHAUSTED</c>.</param>
/// <param name="Reason">The finer word of <c>ErrorInfo</c>, such as <c>API_KEY_INVALID</c>.</param>
/// <param name="RetryAfter">The wait of <c>RetryInfo</c>.</param>
/// <param name="IsDaily">Whether a quota of a whole day is used up.</param>
internal readonly record struct GeminiErrorDetails(int? Code, string? Status, string? Reason, TimeSpan? RetryAfter, bool IsDaily)
{
    internal static GeminiErrorDetails From(ReadOnlySpan<byte> body)
    {
        using JsonDocument? document = ErrorFacts.ParseOrNull(body);
        if (document is null) return default;
        try
        {
            return From(document.RootElement);
        }
        catch (InvalidOperationException)
        {
            // A name that cannot be unescaped: the status and the message are what there is.
            return default;
        }
    }

    private static GeminiErrorDetails From(JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0) root = root[0];
        JsonElement error = Member(root, "error") is { ValueKind: JsonValueKind.Object } inner ? inner : root;
        if (error.ValueKind != JsonValueKind.Object) return default;
        int? code = Member(error, "code") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int status) && status is >= 400 and <= 599 ? status : null;
        var details = new GeminiErrorDetails(code, Word(error, "status"), null, null, false);
        if (Member(error, "details") is not { ValueKind: JsonValueKind.Array } list) return details;
        foreach (JsonElement detail in list.EnumerateArray())
        {
            if (detail.ValueKind != JsonValueKind.Object) continue;
            details = details with
            {
                Reason = details.Reason ?? Word(detail, "reason"),
                RetryAfter = details.RetryAfter ?? GeminiErrorReader.SecondsOf(Word(detail, "retryDelay")),
                IsDaily = details.IsDaily || HasDailyQuota(detail),
            };
        }

        return details;
    }

    private static bool HasDailyQuota(JsonElement detail)
    {
        if (Member(detail, "violations") is not { ValueKind: JsonValueKind.Array } violations) return false;
        foreach (JsonElement violation in violations.EnumerateArray())
        {
            if (Word(violation, "quotaId")?.Contains("PerDay", StringComparison.OrdinalIgnoreCase) == true) return true;
        }

        return false;
    }

    private static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) ? value : default;

    private static string? Word(JsonElement parent, string name) => Member(parent, name) is { ValueKind: JsonValueKind.String } value ? ErrorFacts.TextOf(value) : null;
}
