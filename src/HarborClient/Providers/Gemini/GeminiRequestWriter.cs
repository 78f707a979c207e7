using System.Buffers;
using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Gemini;

// Hot path: one per attempt; writes straight into the buffer that goes to the socket.

/// <summary>Writes the bodies of <c>generateContent</c> and <c>streamGenerateContent</c>, which are the same, and of <c>countTokens</c>, which wraps them.</summary>
internal static class GeminiRequestWriter
{
    private const string System = "systemInstruction";

    /// <summary>Members of a request that the client writes by itself.</summary>
    private static readonly string[] WrittenMembers = ["model", "contents"];

    internal static void Write(Call attempt, RequestDefaults defaults, Uri endpoint, IBufferWriter<byte> output)
    {
        using JsonBody body = JsonBody.Over(output);
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        WriteMembers(body, attempt, defaults, endpoint);
        json.WriteEndObject();
    }

    /// <summary>The body of <c>countTokens</c>: the whole request, so that the system instruction and the tools count too.</summary>
    internal static void WriteTokenCount(Call attempt, RequestDefaults defaults, Uri endpoint, IBufferWriter<byte> output)
    {
        using JsonBody body = JsonBody.Over(output);
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteStartObject("generateContentRequest"u8);
        json.WriteString("model"u8, GeminiModel.ResourceOf(attempt.Target!.Model));
        WriteMembers(body, attempt, defaults, endpoint);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteMembers(JsonBody body, Call attempt, RequestDefaults defaults, Uri endpoint)
    {
        Utf8JsonWriter json = body.Json;
        ChatOptions? options = attempt.Options;
        var given = new RequestMembers(attempt, WrittenMembers);
        if (options is not null) RefuseWhatHasNoPlace(options);
        if (!given.Has(System)) WriteSystem(body, attempt);
        new GeminiContentWriter(body, attempt, endpoint).Write();
        GeminiConfigWriter.Write(json, attempt, defaults, given);
        if (options is not null) GeminiToolWriter.Write(json, attempt, options, given);
        given.Write(json, static name => name != GeminiConfigWriter.Member);
    }

    /// <summary>The API keeps no state; pretending otherwise would silently lose the conversation.</summary>
    private static void RefuseWhatHasNoPlace(ChatOptions options)
    {
        if (options.ConversationId is not null)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, "ConversationId has no meaning for Gemini, which keeps no state: send the whole history in messages.");
        if (options.ContinuationToken is not null)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, "ContinuationToken has no meaning for Gemini: its answers cannot be resumed.");
    }

    /// <summary>Instructions come first, then every system message wherever it stands: Gemini has one place for them, which takes text only.</summary>
    private static void WriteSystem(JsonBody body, Call attempt)
    {
        bool isOpen = false;
        WriteSystemText(body, attempt.Options?.Instructions, ref isOpen);
        for (int i = 0; i < attempt.Messages.Count; i++)
        {
            ChatMessage message = attempt.Messages[i];
            if (!IsSystem(message.Role)) continue;
            for (int j = 0; j < message.Contents.Count; j++)
            {
                AIContent content = message.Contents[j];
                if (content is TextContent text) WriteSystemText(body, text.Text, ref isOpen);
                else Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, content.GetType().Name, "Gemini's system instruction takes text only");
            }
        }

        if (!isOpen) return;
        body.Json.WriteEndArray();
        body.Json.WriteEndObject();
    }

    private static void WriteSystemText(JsonBody body, string? text, ref bool isOpen)
    {
        if (string.IsNullOrEmpty(text)) return;
        Utf8JsonWriter json = body.Json;
        if (!isOpen)
        {
            json.WriteStartObject(System);
            json.WriteStartArray("parts"u8);
            isOpen = true;
        }

        json.WriteStartObject();
        body.WriteText("text"u8, text);
        json.WriteEndObject();
    }

    /// <summary>OpenAI's newer word for the same is understood too.</summary>
    internal static bool IsSystem(ChatRole role) => role == ChatRole.System || role.Value == "developer";
}
