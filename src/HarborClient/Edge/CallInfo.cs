using System.Text;
using System.Text.Json;
using HarborClient.Caching;
using Microsoft.Extensions.AI;

namespace HarborClient.Edge;

/// <summary>Makes <see cref="HarborCallInfo"/> of a call, and carries it through AdditionalProperties as JSON primitives.</summary>
internal static class CallInfo
{
    internal const string RestartKey = "harbor.restart";

    private const string ProviderKey = "harbor.provider";
    private const string ModelKey = "harbor.model";
    private const string RequestedModelKey = "harbor.requested_model";
    private const string ModeKey = "harbor.mode";
    private const string AttemptsKey = "harbor.attempts";
    private const string DecisionsKey = "harbor.decisions";
    private const string FirstUpdateKey = "harbor.time_to_first_update_ms";
    private const string DurationKey = "harbor.duration_ms";
    private const string FinishKey = "harbor.finish_reason";
    private const string RequestIdKey = "harbor.request_id";
    private const string CacheLevelKey = "harbor.cache_level";
    private const string CostKey = "harbor.cost_nano_usd";
    private const string SavedKey = "harbor.saved_usage";
    private const string StaleKey = "harbor.is_stale";

    internal static HarborCallInfo Of(Call call)
    {
        // A stage that answers by itself asks nobody.
        Target? target = call.AttemptCount > 0 || call.Hit is not null ? call.AnsweringTarget : null;
        (TimeSpan Duration, TimeSpan FirstUpdate, System.Net.HttpStatusCode Status)? only = call.OnlyAttempt;
        return new HarborCallInfo
        {
            Provider = target?.Provider ?? "",
            Model = target?.Model ?? "",
            RequestedModel = call.RequestedModel,
            Mode = call.Settings.Mode,
            Attempts = only is null ? call.DescribeAttempts() : [],
            Only = only,
            TimeToFirstUpdate = call.TimeToFirstUpdate,
            Duration = call.Elapsed,
            FinishReason = call.Hit is { } hit ? hit.Answer.FinishReason : call.Fold.FinishReason,
            Hit = call.Hit,
            RequestId = call.Adopted?.RequestId,
            Noted = call.Decisions,
        };
    }

    /// <summary>The information of a caller whose request went out with others', or in several: what the requests have in common, all attempts, its own time.</summary>
    internal static HarborCallInfo Of(IReadOnlyList<HarborCallInfo> requests, TimeSpan duration)
    {
        HarborCallInfo last = requests[^1];
        HarborAttempt[] attempts = [.. requests.SelectMany(request => request.Attempts).Select((attempt, i) => attempt.Number == i + 1 ? attempt : attempt.Numbered(i + 1))];
        return new HarborCallInfo
        {
            Provider = last.Provider,
            Model = last.Model,
            RequestedModel = last.RequestedModel,
            Mode = last.Mode,
            Attempts = attempts,
            TimeToFirstUpdate = duration,
            Duration = duration,
            RequestId = last.RequestId,
            Noted = requests.Any(request => request.Noted is not null) ? [.. requests.SelectMany(request => request.Decisions)] : null,
        };
    }

    internal static AdditionalPropertiesDictionary ToProperties(HarborCallInfo info)
    {
        var properties = new AdditionalPropertiesDictionary
        {
            [ProviderKey] = info.Provider,
            [ModelKey] = info.Model,
            [RequestedModelKey] = info.RequestedModel,
            [ModeKey] = info.Mode.ToString(),
            [AttemptsKey] = AttemptsToJson(info.Attempts),
            [DurationKey] = info.Duration.TotalMilliseconds,
            [CacheLevelKey] = info.CacheLevel.ToString(),
        };
        if (info.TimeToFirstUpdate is { } first) properties[FirstUpdateKey] = first.TotalMilliseconds;
        if (info.FinishReason is { } finish) properties[FinishKey] = finish;
        if (info.RequestId is { } id) properties[RequestIdKey] = id;
        if (info.Noted is { } noted) properties[DecisionsKey] = DecisionJson.Write(noted);
        if (info.Cost is { } cost) properties[CostKey] = cost.NanoUsd;
        if (info.Saved is { } saved) properties[SavedKey] = JsonSerializer.Serialize(saved, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(UsageDetails)));
        if (info.IsStale) properties[StaleKey] = true;
        return properties;
    }

    /// <summary>Reads what <see cref="ToProperties"/> wrote, also after a trip through JSON. What is missing or spoilt keeps its default.</summary>
    internal static HarborCallInfo From(AdditionalPropertiesDictionary? properties) => properties is null ? new HarborCallInfo() : new HarborCallInfo
    {
        Provider = Text(properties, ProviderKey) ?? "",
        Model = Text(properties, ModelKey) ?? "",
        RequestedModel = Text(properties, RequestedModelKey) ?? "",
        Mode = Enum.TryParse(Text(properties, ModeKey), out PerformanceMode mode) ? mode : default,
        Attempts = AttemptsFromJson(Text(properties, AttemptsKey)),
        Noted = DecisionJson.Read(Text(properties, DecisionsKey)),
        TimeToFirstUpdate = Time(properties, FirstUpdateKey),
        Duration = Time(properties, DurationKey) ?? TimeSpan.Zero,
        FinishReason = Text(properties, FinishKey),
        RequestId = Text(properties, RequestIdKey),
        Hit = Enum.TryParse(Text(properties, CacheLevelKey), out CacheLevel level) && level != CacheLevel.None
            ? CacheHit.Told(level, UsageFromJson(Text(properties, SavedKey)), properties.TryGetValue(StaleKey, out object? stale) && stale is true or JsonElement { ValueKind: JsonValueKind.True })
            : null,
        Cost = Integer(properties, CostKey) is { } nano ? new Money(nano) : null,
    };

    private static UsageDetails? UsageFromJson(string? text)
    {
        if (text is null) return null;
        try
        {
            return (UsageDetails?)JsonSerializer.Deserialize(text, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(UsageDetails)));
        }
        catch (JsonException)
        {
            // Somebody else wrote this property; information about a call must never become the call's fault.
            return null;
        }
    }

    private static string AttemptsToJson(IReadOnlyList<HarborAttempt> attempts)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartArray();
        foreach (HarborAttempt attempt in attempts)
        {
            json.WriteStartObject();
            json.WriteNumber("number"u8, attempt.Number);
            json.WriteString("provider"u8, attempt.Provider);
            json.WriteString("model"u8, attempt.Model);
            json.WriteNumber("duration_ms"u8, attempt.Duration.TotalMilliseconds);
            if (attempt.TimeToFirstUpdate is { } first) json.WriteNumber("time_to_first_update_ms"u8, first.TotalMilliseconds);
            if (attempt.Error is { } error) json.WriteString("error"u8, error.ToString());
            if (attempt.StatusCode is { } status) json.WriteNumber("status"u8, (int)status);
            if (attempt.RequestId is { } id) json.WriteString("request_id"u8, id);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static HarborAttempt[] AttemptsFromJson(string? text)
    {
        if (text is null) return [];
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return [.. document.RootElement.EnumerateArray().Select(AttemptFromJson)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            // Somebody else wrote this property; information about a call must never become the call's fault.
            return [];
        }
    }

    private static HarborAttempt AttemptFromJson(JsonElement attempt) => new()
    {
        Number = attempt.GetProperty("number").GetInt32(),
        Provider = attempt.GetProperty("provider").GetString() ?? "",
        Model = attempt.GetProperty("model").GetString() ?? "",
        Duration = TimeSpan.FromMilliseconds(attempt.GetProperty("duration_ms").GetDouble()),
        TimeToFirstUpdate = attempt.TryGetProperty("time_to_first_update_ms", out JsonElement first) ? TimeSpan.FromMilliseconds(first.GetDouble()) : null,
        Error = attempt.TryGetProperty("error", out JsonElement error) && Enum.TryParse(error.GetString(), out ErrorKind kind) ? kind : null,
        StatusCode = attempt.TryGetProperty("status", out JsonElement status) ? (System.Net.HttpStatusCode)status.GetInt32() : null,
        RequestId = attempt.TryGetProperty("request_id", out JsonElement id) ? id.GetString() : null,
    };

    private static string? Text(AdditionalPropertiesDictionary properties, string key) =>
        !properties.TryGetValue(key, out object? value) ? null : value switch
        {
            string text => text,
            JsonElement { ValueKind: JsonValueKind.String } element => element.GetString(),
            _ => null,
        };

    private static TimeSpan? Time(AdditionalPropertiesDictionary properties, string key)
    {
        double? milliseconds = !properties.TryGetValue(key, out object? value) ? null : value switch
        {
            double number => number,
            JsonElement { ValueKind: JsonValueKind.Number } element when element.TryGetDouble(out double number) => number,
            _ => null,
        };
        return milliseconds is >= 0 and { } time && time < TimeSpan.MaxValue.TotalMilliseconds ? TimeSpan.FromMilliseconds(time) : null;
    }

    /// <summary>Never by way of a floating-point number, which would round large amounts.</summary>
    private static long? Integer(AdditionalPropertiesDictionary properties, string key) =>
        !properties.TryGetValue(key, out object? value) ? null : value switch
        {
            long number => number,
            JsonElement { ValueKind: JsonValueKind.Number } element when element.TryGetInt64(out long number) => number,
            _ => null,
        };
}
