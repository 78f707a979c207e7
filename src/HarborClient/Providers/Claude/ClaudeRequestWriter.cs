using System.Buffers;
using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

// Hot path: one per attempt; writes straight into the buffer that goes to the socket.

/// <summary>
/// Writes the body of <c>POST messages</c>, in the order in which Claude caches it: tools, system prompt, messages. Members that the caller gives replace
/// ours of the same name.
/// </summary>
internal static class ClaudeRequestWriter
{
    /// <summary>Members that the client writes by itself.</summary>
    private static readonly string[] WrittenMembers = ["model", "messages", "stream"];

    /// <summary>Members of <c>messages/count_tokens</c>, which refuses all others.</summary>
    private static readonly string[] CountedMembers = ["system", "tools", "tool_choice", "thinking", "output_config", "mcp_servers", "context_management", "cache_control"];

    internal static void Write(Call attempt, ClaudeSettings settings, RequestDefaults defaults, IBufferWriter<byte> output) =>
        Write(attempt, settings, defaults, output, isCount: false);

    /// <summary>Writes the body of <c>POST messages/count_tokens</c>: the same question, without what is said about the answer.</summary>
    internal static void WriteCountTokens(Call attempt, ClaudeSettings settings, RequestDefaults defaults, IBufferWriter<byte> output) =>
        Write(attempt, settings, defaults, output, isCount: true);

    /// <summary>The most output tokens that the request will ask for, thinking included.</summary>
    internal static int MaxTokensOf(Call attempt, RequestDefaults defaults)
    {
        int? given = attempt.MaxOutputTokens ?? defaults.MaxOutputTokens;
        return given ?? ClaudeThinking.MaxTokens(attempt, ClaudeModel.Of(attempt.Target!.Model));
    }

    private static void Write(Call attempt, ClaudeSettings settings, RequestDefaults defaults, IBufferWriter<byte> output, bool isCount)
    {
        ChatOptions? options = attempt.Options;
        var given = new RequestMembers(attempt, WrittenMembers);
        int maxTokens = MaxTokensOf(attempt, defaults);
        ClaudeThinking thinking = ClaudeThinking.Of(attempt, maxTokens, given);
        using ClaudeItems items = ClaudeItems.Of(attempt);
        var cache = new ClaudeCache(attempt, settings, given);
        using JsonBody body = JsonBody.Over(output);
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("model"u8, attempt.Target!.Model);
        if (!isCount) WriteAnswerOptions(json, attempt, defaults, maxTokens, thinking.IsOn, given);
        thinking.Write(json, options?.ResponseFormat, given);
        if (options is not null) ClaudeToolWriter.Write(body, attempt, options, cache, given);
        if (!given.Has("system")) ClaudeSystemWriter.Write(body, attempt, cache);
        ClaudeMessageWriter.Write(body, attempt, items.Span, cache);
        given.Write(json, isCount ? static name => Array.IndexOf(CountedMembers, name) >= 0 : static name => name != ClaudeBetas.Member);
        json.WriteEndObject();
    }

    private static void WriteAnswerOptions(Utf8JsonWriter json, Call attempt, RequestDefaults defaults, int maxTokens, bool isThinking, in RequestMembers given)
    {
        if (!given.Has("max_tokens")) json.WriteNumber("max_tokens"u8, maxTokens);
        if (attempt.StreamsUpstream) json.WriteBoolean("stream"u8, true);
        if (attempt.Options is { } options) WriteOptions(json, attempt, options, given);

        // Thinking goes with no temperature but 1. One that the call sets is refused; the provider's default gives way.
        if ((attempt.Options?.Temperature ?? (isThinking ? null : defaults.Temperature)) is { } temperature && !given.Has("temperature")) json.WriteNumber("temperature"u8, temperature);
    }

    private static void WriteOptions(Utf8JsonWriter json, Call attempt, ChatOptions options, in RequestMembers given)
    {
        RefuseWhatHasNoPlace(options);
        if (options.TopP is { } topP && !given.Has("top_p")) json.WriteNumber("top_p"u8, topP);
        if (options.TopK is { } topK && !given.Has("top_k")) json.WriteNumber("top_k"u8, topK);
        if (options.StopSequences is { Count: > 0 } stops && !given.Has("stop_sequences"))
        {
            json.WriteStartArray("stop_sequences"u8);
            foreach (string stop in stops) json.WriteStringValue(stop);
            json.WriteEndArray();
        }

        if (options.Seed is not null) LeaveOut(attempt, nameof(options.Seed));
        if (options.FrequencyPenalty is not null) LeaveOut(attempt, nameof(options.FrequencyPenalty));
        if (options.PresencePenalty is not null) LeaveOut(attempt, nameof(options.PresencePenalty));
    }

    private static void LeaveOut(Call attempt, string what) => Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, what, "its API has no such setting");

    /// <summary>Messages keeps no state at the provider; pretending otherwise would silently lose the conversation.</summary>
    private static void RefuseWhatHasNoPlace(ChatOptions options)
    {
        if (options.ConversationId is not null)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, "ConversationId has no meaning at Claude, which keeps no state: send the whole history in messages.");
        if (options.ContinuationToken is not null)
        {
            throw ErrorFactory.Setting(
                ErrorKind.InvalidRequest,
                "ContinuationToken has no meaning at Claude: answers cannot be resumed. One that paused (pause_turn) goes on when its message is sent back.");
        }

        if (options.Temperature is { } temperature && !(temperature is >= 0 and <= 1))
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"Temperature must be 0 to 1 at Claude (was {temperature}).");
    }
}
