using System.Text;
using System.Text.Json;

namespace HarborClient.Edge;

/// <summary>Decisions as one text of JSON, for the last update of a stream.</summary>
internal static class DecisionJson
{
    internal static string Write(IReadOnlyList<HarborDecision> decisions)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartArray();
        foreach (HarborDecision decision in decisions)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, decision.Kind.ToString());
            json.WriteNumber("at_ms"u8, decision.At.TotalMilliseconds);
            if (decision.Target is { } target) json.WriteString("target"u8, target);
            json.WriteString("reason"u8, decision.Reason);
            if (decision.Wait is { } wait) json.WriteNumber("wait_ms"u8, wait.TotalMilliseconds);
            if (decision.Error is { } error) json.WriteString("error"u8, error.ToString());
            if (decision.Attempt is { } attempt) json.WriteNumber("attempt"u8, attempt);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Null for what is missing or spoilt: information about a call must never become the call's fault.</summary>
    internal static HarborDecision[]? Read(string? text)
    {
        if (text is null) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return [.. document.RootElement.EnumerateArray().Select(Read)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    private static HarborDecision Read(JsonElement decision) => new(
        Enum.TryParse(decision.GetProperty("kind").GetString(), out DecisionKind kind) ? kind : default,
        TimeSpan.FromMilliseconds(decision.GetProperty("at_ms").GetDouble()),
        decision.TryGetProperty("target", out JsonElement target) ? target.GetString() : null,
        decision.GetProperty("reason").GetString() ?? "",
        decision.TryGetProperty("wait_ms", out JsonElement wait) ? TimeSpan.FromMilliseconds(wait.GetDouble()) : null,
        decision.TryGetProperty("error", out JsonElement error) && Enum.TryParse(error.GetString(), out ErrorKind known) ? known : null,
        decision.TryGetProperty("attempt", out JsonElement attempt) ? attempt.GetInt32() : null);
}
