using System.Buffers;
using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Providers.OpenAICompatible;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAIResponses;

// Hot path: one per attempt; writes straight into the buffer that goes to the socket.

/// <summary>Writes the body of <c>POST responses</c>.</summary>
internal static class ResponsesRequestWriter
{
    /// <summary>Members that the client writes by itself.</summary>
    private static readonly string[] WrittenMembers = ["model", "input", "stream"];

    internal static void Write(Call attempt, ChatDialect dialect, RequestDefaults defaults, IBufferWriter<byte> output)
    {
        ChatOptions? options = attempt.Options;
        var given = new RequestMembers(attempt, WrittenMembers);
        using JsonBody body = JsonBody.Over(output);
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("model"u8, attempt.Target!.Model);
        if (options?.Instructions is { Length: > 0 } instructions && !given.Has("instructions")) body.WriteText("instructions"u8, instructions);
        ResponsesInputWriter.Write(body, attempt);
        if (attempt.StreamsUpstream) json.WriteBoolean("stream"u8, true);
        if ((options?.Temperature ?? defaults.Temperature) is { } temperature && !given.Has("temperature")) json.WriteNumber("temperature"u8, temperature);
        if ((attempt.MaxOutputTokens ?? defaults.MaxOutputTokens) is { } tokens && !given.Has("max_output_tokens")) json.WriteNumber("max_output_tokens"u8, tokens);
        if (dialect.EncryptsReasoning && KeepsReasoning(attempt) && !given.Has("include"))
        {
            json.WriteStartArray("include"u8);
            json.WriteStringValue("reasoning.encrypted_content"u8);
            json.WriteEndArray();
        }

        if (options is not null) WriteOptions(json, attempt, options, given);
        given.Write(json);
        json.WriteEndObject();
    }

    private static void WriteOptions(Utf8JsonWriter json, Call attempt, ChatOptions options, in RequestMembers given)
    {
        if (options.ContinuationToken is not null)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, "ContinuationToken cannot be used here: answers are not resumed. Ask again, or continue the conversation with ConversationId.");
        LeaveOutWhatHasNoPlace(attempt, options);
        if (options.TopP is { } topP && !given.Has("top_p")) json.WriteNumber("top_p"u8, topP);
        WriteConversation(json, options, given);
        if (!given.Has("reasoning")) WriteReasoning(json, options.Reasoning);
        if (options.ResponseFormat is { } format && !given.Has("text")) WriteFormat(json, format);
        ResponsesToolWriter.Write(json, attempt, options, given);
    }

    /// <summary>
    /// Whether reasoning is asked for in the form that can be sent back. Without it a model that thinks would lose its thoughts between the calls of a
    /// tool loop, unless the provider stores the conversation; models that do not think refuse the request.
    /// </summary>
    private static bool KeepsReasoning(Call attempt) =>
        attempt.Options is not { ConversationId: not null }
        && (attempt.Options?.Reasoning is { Effort: not null and not ReasoningEffort.None } || OpenAIModels.EncryptReasoning(attempt.Target!.Model));

    /// <summary>Settings that shape an answer without deciding what is asked. Microsoft.Extensions.AI expects leniency for these.</summary>
    private static void LeaveOutWhatHasNoPlace(Call attempt, ChatOptions options)
    {
        if (options.StopSequences is { Count: > 0 }) LeaveOut(attempt, nameof(options.StopSequences));
        if (options.Seed is not null) LeaveOut(attempt, nameof(options.Seed));
        if (options.TopK is not null) LeaveOut(attempt, nameof(options.TopK));
        if (options.FrequencyPenalty is not null) LeaveOut(attempt, nameof(options.FrequencyPenalty));
        if (options.PresencePenalty is not null) LeaveOut(attempt, nameof(options.PresencePenalty));
    }

    private static void LeaveOut(Call attempt, string setting) =>
        Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, setting, "the Responses API has no such setting");

    private static void WriteConversation(Utf8JsonWriter json, ChatOptions options, in RequestMembers given)
    {
        if (options.ConversationId is not { Length: > 0 } id || given.Has("conversation") || given.Has("previous_response_id")) return;
        json.WriteString(id.StartsWith("conv_", StringComparison.Ordinal) ? "conversation"u8 : "previous_response_id"u8, id);
    }

    private static void WriteReasoning(Utf8JsonWriter json, ReasoningOptions? reasoning)
    {
        string? effort = ChatRequestWriter.EffortOf(reasoning?.Effort);
        string? summary = reasoning?.Output switch
        {
            ReasoningOutput.Summary => "auto",
            ReasoningOutput.Full => "detailed",
            _ => null,
        };
        if (effort is null && summary is null) return;
        json.WriteStartObject("reasoning"u8);
        if (effort is not null) json.WriteString("effort"u8, effort);
        if (summary is not null) json.WriteString("summary"u8, summary);
        json.WriteEndObject();
    }

    private static void WriteFormat(Utf8JsonWriter json, ChatResponseFormat format)
    {
        json.WriteStartObject("text"u8);
        json.WriteStartObject("format"u8);
        if (format is ChatResponseFormatJson { Schema: { } schema } typed)
        {
            json.WriteString("type"u8, "json_schema"u8);
            json.WriteString("name"u8, typed.SchemaName ?? "answer");
            if (typed.SchemaDescription is { } description) json.WriteString("description"u8, description);
            json.WritePropertyName("schema"u8);
            schema.WriteTo(json);
            if (StrictSchema.IsStrict(schema)) json.WriteBoolean("strict"u8, true);
        }
        else
        {
            json.WriteString("type"u8, format is ChatResponseFormatJson ? "json_object"u8 : "text"u8);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
