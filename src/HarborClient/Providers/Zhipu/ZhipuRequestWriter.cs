using System.Buffers;
using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Providers.OpenAICompatible;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Zhipu;

// Hot path: one per attempt; writes straight into the buffer that goes to the socket.

/// <summary>Writes the body of <c>POST chat/completions</c> as Zhipu documents it.</summary>
internal static class ZhipuRequestWriter
{
    /// <summary>The id is among them because each attempt needs a new one: a repeated one is refused (1231).</summary>
    private static readonly string[] WrittenMembers = [.. ChatDialect.WrittenMembers, "request_id"];

    internal static void Write(Call attempt, ChatDialect dialect, RequestDefaults defaults, IBufferWriter<byte> output)
    {
        ChatOptions? options = attempt.Options;
        var given = new RequestMembers(attempt, WrittenMembers);
        string? schema = given.Has("response_format") ? null : SchemaText(options?.ResponseFormat);
        using JsonBody body = JsonBody.Over(output);
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("model"u8, attempt.Target!.Model);
        ChatMessageWriter.Write(body, attempt, dialect, Joined(options?.Instructions, schema));
        json.WriteString("request_id"u8, Guid.NewGuid().ToString("N"));
        if (attempt.StreamsUpstream) json.WriteBoolean("stream"u8, true);
        WriteTemperature(json, attempt, options?.Temperature ?? defaults.Temperature, given);
        ChatRequestWriter.WriteInteger(json, "max_tokens", attempt.MaxOutputTokens ?? defaults.MaxOutputTokens, given);
        if (options is not null) WriteOptions(json, attempt, options, given);
        given.Write(json);
        json.WriteEndObject();
    }

    private static void WriteOptions(Utf8JsonWriter json, Call attempt, ChatOptions options, in RequestMembers given)
    {
        ChatRequestWriter.RefuseWhatHasNoPlace(options);
        if (options.TopP is { } topP) ChatRequestWriter.WriteNumber(json, "top_p", Within(topP, 0.01f, attempt, "TopP", "0.01 to 1"), given);
        ChatRequestWriter.WriteInteger(json, "seed", options.Seed, given);
        WriteStop(json, options, given);
        WriteThinking(json, attempt, options.Reasoning?.Effort, given);
        if (options.ResponseFormat is { } format && !given.Has("response_format"))
        {
            json.WriteStartObject("response_format"u8);
            json.WriteString("type"u8, format is ChatResponseFormatJson ? "json_object"u8 : "text"u8);
            json.WriteEndObject();
        }

        ZhipuToolWriter.Write(json, attempt, options, given);
        if (options.TopK is not null) LeftOut(attempt, nameof(options.TopK));
        if (options.FrequencyPenalty is not null) LeftOut(attempt, nameof(options.FrequencyPenalty));
        if (options.PresencePenalty is not null) LeftOut(attempt, nameof(options.PresencePenalty));
    }

    /// <summary>Temperature 0 means the likeliest answer, which Zhipu calls not sampling. Above 1, where other providers go on, the range ends.</summary>
    private static void WriteTemperature(Utf8JsonWriter json, Call attempt, float? temperature, in RequestMembers given)
    {
        if (temperature is not { } value || given.Has("temperature")) return;
        if (value <= 0)
        {
            if (!given.Has("do_sample")) json.WriteBoolean("do_sample"u8, false);
            return;
        }

        ChatRequestWriter.WriteNumber(json, "temperature", Within(value, 0, attempt, "Temperature", "0 to 1"), given);
    }

    private static float Within(float value, float least, Call attempt, string what, string range)
    {
        float sent = Math.Clamp(value, least, 1);
        if (sent != value) Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, $"{what} as it was given", $"its API takes {range}, so the nearest value was sent");
        return sent;
    }

    private static void WriteStop(Utf8JsonWriter json, ChatOptions options, in RequestMembers given)
    {
        if (options.StopSequences is not { Count: > 0 } stops || given.Has("stop")) return;
        if (stops.Count > 1)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"Zhipu takes one stop sequence ({stops.Count} were given). Leave one in StopSequences, and look for the others in the answer.");
        json.WriteStartArray("stop"u8);
        json.WriteStringValue(stops[0]);
        json.WriteEndArray();
    }

    private static void WriteThinking(Utf8JsonWriter json, Call attempt, ReasoningEffort? effort, in RequestMembers given)
    {
        if (effort is not { } asked) return;
        if (!given.Has("thinking"))
        {
            json.WriteStartObject("thinking"u8);
            json.WriteString("type"u8, asked == ReasoningEffort.None ? "disabled"u8 : "enabled"u8);
            json.WriteEndObject();
        }

        if (asked == ReasoningEffort.None || given.Has("reasoning_effort")) return;
        if (GlmVersion.Of(attempt.Target!.Model) >= GlmVersion.TakesEffort && ChatRequestWriter.EffortOf(asked) is { } level) json.WriteString("reasoning_effort"u8, level);
        else Log.LeftOut(attempt.Services.Logger, attempt.Target.Name, $"the effort of {nameof(ChatOptions.Reasoning)}", "models before GLM-5.2 only turn thinking on or off");
    }

    /// <summary>Zhipu promises JSON and no schema, so the schema is told to the model.</summary>
    private static string? SchemaText(ChatResponseFormat? format)
    {
        if (format is not ChatResponseFormatJson { Schema: { } schema } typed) return null;
        string name = typed.SchemaName is { Length: > 0 } called ? $" called {called}" : "";
        string description = typed.SchemaDescription is { Length: > 0 } text ? $" ({text})" : "";
        return $"Answer with one JSON value{name}{description} and nothing else: no explanation, no code fence. It must be valid under this JSON schema:\n{schema.GetRawText()}";
    }

    private static string? Joined(string? instructions, string? schema) =>
        string.IsNullOrEmpty(instructions) ? schema : schema is null ? instructions : $"{instructions}\n\n{schema}";

    private static void LeftOut(Call attempt, string what) => Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, what, "its API has no such setting");
}
