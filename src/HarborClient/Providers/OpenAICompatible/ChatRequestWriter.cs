using System.Buffers;
using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAICompatible;

// Hot path: one per attempt; writes straight into the buffer that goes to the socket.

/// <summary>Writes the body of <c>POST chat/completions</c>.</summary>
internal static class ChatRequestWriter
{
    internal static void Write(Call attempt, ChatDialect dialect, RequestDefaults defaults, IBufferWriter<byte> output)
    {
        ChatOptions? options = attempt.Options;
        var given = new RequestMembers(attempt, ChatDialect.WrittenMembers);
        using JsonBody body = JsonBody.Over(output);
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("model"u8, attempt.Target!.Model);
        if (dialect.WriteMessages is { } writeMessages) writeMessages(body, attempt);
        else ChatMessageWriter.Write(body, attempt, dialect, options?.Instructions);
        if (attempt.StreamsUpstream)
        {
            json.WriteBoolean("stream"u8, true);
            json.WriteStartObject("stream_options"u8);
            json.WriteBoolean("include_usage"u8, true);
            json.WriteEndObject();
        }
        else if (dialect.StreamsByDefault)
        {
            json.WriteBoolean("stream"u8, false);
        }

        if (attempt.Request.IsContinuation)
        {
            // vLLM and SGLang: the last message is left open and no turn of the assistant's begins behind it.
            json.WriteBoolean("continue_final_message"u8, true);
            json.WriteBoolean("add_generation_prompt"u8, false);
        }

        WriteStops(json, options?.StopSequences, dialect, given);
        WriteNumber(json, "temperature", options?.Temperature ?? defaults.Temperature, given);
        WriteInteger(json, dialect.MaxTokensMember, attempt.MaxOutputTokens ?? defaults.MaxOutputTokens, given);
        if (options is not null) WriteOptions(json, attempt, options, dialect, given);
        given.Write(json);
        json.WriteEndObject();
    }

    private static void WriteOptions(Utf8JsonWriter json, Call attempt, ChatOptions options, ChatDialect dialect, in RequestMembers given)
    {
        RefuseWhatHasNoPlace(options);
        WriteNumber(json, "top_p", options.TopP, given);
        WriteNumber(json, "frequency_penalty", options.FrequencyPenalty, given);
        WriteNumber(json, "presence_penalty", options.PresencePenalty, given);
        WriteInteger(json, "seed", options.Seed, given);
        if (dialect.HasTopK) WriteInteger(json, "top_k", options.TopK, given);
        else if (options.TopK is not null) Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, "TopK", "its API has no such setting");
        if (EffortOf(options.Reasoning?.Effort) is { } effort && !given.Has("reasoning_effort")) json.WriteString("reasoning_effort"u8, effort);
        if (options.Reasoning?.Output is not (null or ReasoningOutput.None))
            Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, "Reasoning.Output", "its API has no such setting; what reasoning it shows is passed on");
        if (options.ResponseFormat is { } format && !given.Has("response_format")) WriteFormat(json, format);
        ChatToolWriter.Write(json, attempt, options, given);
    }

    private static void WriteStops(Utf8JsonWriter json, IList<string>? stops, ChatDialect dialect, in RequestMembers given)
    {
        if ((stops is { Count: > 0 } || dialect.StopSequences.Length > 0) && !given.Has("stop"))
        {
            json.WriteStartArray("stop"u8);
            for (int i = 0; i < stops?.Count; i++) json.WriteStringValue(stops[i]);
            foreach (string stop in dialect.StopSequences) json.WriteStringValue(stop);
            json.WriteEndArray();
        }

        if (dialect.StopTokenIds.Length == 0 || given.Has("stop_token_ids")) return;
        json.WriteStartArray("stop_token_ids"u8);
        foreach (int token in dialect.StopTokenIds) json.WriteNumberValue(token);
        json.WriteEndArray();
    }

    /// <summary>Chat completions keep no state at the provider; pretending otherwise would silently lose the conversation.</summary>
    internal static void RefuseWhatHasNoPlace(ChatOptions options)
    {
        if (options.ConversationId is not null)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, "ConversationId has no meaning in chat completions, which keep no state: send the whole history in messages.");
        if (options.ContinuationToken is not null)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, "ContinuationToken has no meaning in chat completions: answers cannot be resumed.");
    }

    private static void WriteFormat(Utf8JsonWriter json, ChatResponseFormat format)
    {
        json.WriteStartObject("response_format"u8);
        if (format is ChatResponseFormatJson { Schema: { } schema } typed)
        {
            json.WriteString("type"u8, "json_schema"u8);
            json.WriteStartObject("json_schema"u8);
            json.WriteString("name"u8, typed.SchemaName ?? "answer");
            if (typed.SchemaDescription is { } description) json.WriteString("description"u8, description);
            json.WritePropertyName("schema"u8);
            schema.WriteTo(json);
            if (StrictSchema.IsStrict(schema)) json.WriteBoolean("strict"u8, true);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("type"u8, format is ChatResponseFormatJson ? "json_object"u8 : "text"u8);
        }

        json.WriteEndObject();
    }

    internal static string? EffortOf(ReasoningEffort? effort) => effort switch
    {
        ReasoningEffort.None => "none",
        ReasoningEffort.Low => "low",
        ReasoningEffort.Medium => "medium",
        ReasoningEffort.High => "high",
        ReasoningEffort.ExtraHigh => "xhigh",
        _ => null,
    };

    internal static void WriteNumber(Utf8JsonWriter json, string name, float? value, in RequestMembers given)
    {
        if (value is not { } number || given.Has(name)) return;

        // As most of them are; ten times as fast to write as a fraction.
        if (number is 0 or 1) json.WriteNumber(name, (int)number);
        else json.WriteNumber(name, number);
    }

    internal static void WriteInteger(Utf8JsonWriter json, string name, long? value, in RequestMembers given)
    {
        if (value is { } number && !given.Has(name)) json.WriteNumber(name, number);
    }
}
