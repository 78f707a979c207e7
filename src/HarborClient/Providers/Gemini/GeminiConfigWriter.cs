using System.Text.Json;
using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Gemini;

/// <summary>Writes <c>generationConfig</c>: the options that have a place there, beside what the caller gave for it.</summary>
internal static class GeminiConfigWriter
{
    internal const string Member = "generationConfig";

    private const int MaxStopSequences = 5;

    internal static void Write(Utf8JsonWriter json, Call attempt, RequestDefaults defaults, in RequestMembers request)
    {
        ChatOptions? options = attempt.Options;
        RequestMembers given = request.Inside(Member);
        json.WriteStartObject(Member);
        WriteTemperature(json, options?.Temperature ?? defaults.Temperature, given);
        WriteNumber(json, "maxOutputTokens", attempt.MaxOutputTokens ?? defaults.MaxOutputTokens, given);
        if (options is not null)
        {
            WriteNumber(json, "topP", options.TopP, given);
            WriteNumber(json, "topK", options.TopK, given);
            WriteNumber(json, "presencePenalty", options.PresencePenalty, given);
            WriteNumber(json, "frequencyPenalty", options.FrequencyPenalty, given);
            WriteSeed(json, options.Seed, given);
            WriteStopSequences(json, options.StopSequences, given);
            if (options.ResponseFormat is { } format) WriteFormat(json, format, given);
            if (options.Reasoning is { } reasoning && !given.Has("thinkingConfig")) GeminiThinking.Write(json, attempt, reasoning);
        }

        given.Write(json);
        json.WriteEndObject();
    }

    private static void WriteTemperature(Utf8JsonWriter json, float? temperature, in RequestMembers given)
    {
        if (temperature is not { } number || given.Has("temperature")) return;
        if (!(number >= 0 && number <= 2)) throw Refused($"Temperature must be 0 to 2 for Gemini (was {number}).");
        json.WriteNumber("temperature"u8, number);
    }

    private static void WriteSeed(Utf8JsonWriter json, long? seed, in RequestMembers given)
    {
        if (seed is not { } number || given.Has("seed")) return;
        if (number is < int.MinValue or > int.MaxValue) throw Refused($"Seed must fit 32 bits for Gemini (was {number}).");
        json.WriteNumber("seed"u8, number);
    }

    private static void WriteStopSequences(Utf8JsonWriter json, IList<string>? stops, in RequestMembers given)
    {
        if (stops is not { Count: > 0 } || given.Has("stopSequences")) return;
        if (stops.Count > MaxStopSequences) throw Refused($"Gemini takes at most {MaxStopSequences} StopSequences (there are {stops.Count}).");
        json.WriteStartArray("stopSequences"u8);
        foreach (string stop in stops) json.WriteStringValue(stop);
        json.WriteEndArray();
    }

    /// <summary>Text is what there is without a format. A name and a description of the schema have no place but its own title and description.</summary>
    private static void WriteFormat(Utf8JsonWriter json, ChatResponseFormat format, in RequestMembers given)
    {
        if (format is not ChatResponseFormatJson asked) return;
        if (!given.Has("responseMimeType")) json.WriteString("responseMimeType"u8, "application/json"u8);
        if (asked.Schema is not { } schema || given.Has("responseJsonSchema") || given.Has("responseSchema")) return;
        json.WritePropertyName("responseJsonSchema"u8);
        GeminiSchemaWriter.Write(json, schema);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, float? value, in RequestMembers given)
    {
        if (value is { } number && !given.Has(name)) json.WriteNumber(name, number);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, int? value, in RequestMembers given)
    {
        if (value is { } number && !given.Has(name)) json.WriteNumber(name, number);
    }

    private static HarborException Refused(string message) => ErrorFactory.Setting(ErrorKind.InvalidRequest, message);
}
