using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace HarborClient.Edge;

/// <summary>Attempts as one text of JSON, for the last update of a stream.</summary>
internal static class AttemptJson
{
    /// <summary>Made when it is first asked for, which is not by a call whose only attempt answered.</summary>
    private static JsonTypeInfo<UsageDetails> UsageType => (JsonTypeInfo<UsageDetails>)AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(UsageDetails));

    /// <summary>Writes the attempts.</summary>
    /// <param name="attempts">The attempts.</param>
    /// <param name="answered">What the answer itself says it used. An only attempt that used just that does not say it again.</param>
    internal static string Write(IReadOnlyList<HarborAttempt> attempts, UsageDetails? answered)
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
            if (attempt.IsOvertaken) json.WriteBoolean("overtaken"u8, true);
            if (attempt.StatusCode is { } status) json.WriteNumber("status"u8, (int)status);
            if (attempt.RequestId is { } id) json.WriteString("request_id"u8, id);
            if (attempts.Count > 1) WriteCost(json, attempt);
            if (attempts.Count > 1 ? attempt.Usage is not null : !ReferenceEquals(attempt.Usage, answered)) WriteUsage(json, attempt.Usage);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; nothing where it is missing or spoilt.</summary>
    internal static HarborAttempt[] Read(string? text, UsageDetails? answered, (Money? Cost, bool IsEstimated) whole)
    {
        if (text is null) return [];
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            bool isOnly = document.RootElement.GetArrayLength() == 1;
            UsageDetails? unsaid = isOnly ? answered : null;
            return [.. document.RootElement.EnumerateArray().Select(attempt => Read(attempt, unsaid, isOnly ? whole : null))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            // Somebody else wrote this property; information about a call must never become the call's fault.
            return [];
        }
    }

    private static HarborAttempt Read(JsonElement attempt, UsageDetails? unsaid, (Money? Cost, bool IsEstimated)? whole) => new()
    {
        Number = attempt.GetProperty("number").GetInt32(),
        Provider = attempt.GetProperty("provider").GetString() ?? "",
        Model = attempt.GetProperty("model").GetString() ?? "",
        Duration = TimeSpan.FromMilliseconds(attempt.GetProperty("duration_ms").GetDouble()),
        TimeToFirstUpdate = attempt.TryGetProperty("time_to_first_update_ms", out JsonElement first) ? TimeSpan.FromMilliseconds(first.GetDouble()) : null,
        Error = attempt.TryGetProperty("error", out JsonElement error) && Enum.TryParse(error.GetString(), out ErrorKind kind) ? kind : null,
        IsOvertaken = attempt.TryGetProperty("overtaken", out JsonElement overtaken) && overtaken.GetBoolean(),
        StatusCode = attempt.TryGetProperty("status", out JsonElement status) ? (HttpStatusCode)status.GetInt32() : null,
        RequestId = attempt.TryGetProperty("request_id", out JsonElement id) ? id.GetString() : null,
        Cost = attempt.TryGetProperty("cost_nano_usd", out JsonElement cost) ? new Money(cost.GetInt64()) : whole?.Cost,
        IsCostEstimated = attempt.TryGetProperty("is_cost_estimated", out JsonElement estimated) ? estimated.GetBoolean() : whole is { IsEstimated: true },
        Usage = attempt.TryGetProperty("usage", out JsonElement usage) ? usage.Deserialize(UsageType) : unsaid,
    };

    /// <summary>An only attempt costs what the call does, which says so itself.</summary>
    private static void WriteCost(Utf8JsonWriter json, HarborAttempt attempt)
    {
        if (attempt.Cost is { } cost) json.WriteNumber("cost_nano_usd"u8, cost.NanoUsd);
        if (attempt.IsCostEstimated) json.WriteBoolean("is_cost_estimated"u8, true);
    }

    private static void WriteUsage(Utf8JsonWriter json, UsageDetails? usage)
    {
        json.WritePropertyName("usage"u8);
        if (usage is null) json.WriteNullValue();
        else JsonSerializer.Serialize(json, usage, UsageType);
    }
}
