using System.Text.Json;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// Whether an answer is a stream of events or one JSON text. The host's word (Content-Type) is believed only as far as the first bytes agree: an event
/// stream may turn out to be a bare JSON error, and a plain call may be answered with events.
/// </summary>
internal static class AnswerFormat
{
    /// <summary>How event streams begin.</summary>
    private static readonly byte[][] EventOpenings =
        ["data:"u8.ToArray(), "event:"u8.ToArray(), "id:"u8.ToArray(), "retry:"u8.ToArray(), ":"u8.ToArray(), "\uFEFFdata:"u8.ToArray()];

    /// <summary>Judges by the bytes that are here; null when they are too few to tell.</summary>
    internal static bool? IsEvents(ReadOnlySpan<byte> start, bool hostSaysEvents, bool isAtEnd)
    {
        start = start.TrimStart(" \t\r\n"u8);
        if (start.Length == 0) return isAtEnd ? hostSaysEvents : null;
        if (start[0] is (byte)'{' or (byte)'[') return false;
        if (hostSaysEvents) return true;
        bool mayBecome = false;
        foreach (byte[] opening in EventOpenings)
        {
            if (start.StartsWith(opening)) return true;

            // A host may send its first line byte by byte.
            mayBecome |= opening.AsSpan().StartsWith(start);
        }

        return mayBecome && !isAtEnd ? null : false;
    }

    /// <summary>Whether a body that cannot be read is the beginning of a JSON text, and not something else.</summary>
    internal static bool IsCutJson(ReadOnlySpan<byte> body)
    {
        var json = new Utf8JsonReader(body, isFinalBlock: false, state: default);
        try
        {
            while (json.Read())
            {
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return json.CurrentDepth > 0 || json.TokenType is JsonTokenType.None or JsonTokenType.StartObject or JsonTokenType.StartArray;
    }
}
