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

    internal static void Write(Call attempt, RequestDefaults defaults, Uri endpoint, IBufferWriter<byte> body)
    {
        using var json = new Utf8JsonWriter(body, RequestJson.WriterOptions);
        json.WriteStartObject();
        WriteMembers(json, attempt, defaults, endpoint);
        json.WriteEndObject();
    }

    /// <summary>The body of <c>countTokens</c>: the whole request, so that the system instruction and the tools count too.</summary>
    internal static void WriteTokenCount(Call attempt, RequestDefaults defaults, Uri endpoint, IBufferWriter<byte> body)
    {
        using var json = new Utf8JsonWriter(body, RequestJson.WriterOptions);
        json.WriteStartObject();
        json.WriteStartObject("generateContentRequest"u8);
        json.WriteString("model"u8, GeminiModel.ResourceOf(attempt.Target!.Model));
        WriteMembers(json, attempt, defaults, endpoint);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter json, Call attempt, RequestDefaults defaults, Uri endpoint)
    {
        ChatOptions? options = attempt.Options;
        var given = new RequestMembers(attempt.Request.RawRepresentation, options?.AdditionalProperties, attempt.Services.ValueJson, WrittenMembers);
        if (options is not null) RefuseWhatHasNoPlace(options);
        if (!given.Has(System)) WriteSystem(json, attempt);
        new GeminiContentWriter(json, attempt, endpoint).Write();
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
    private static void WriteSystem(Utf8JsonWriter json, Call attempt)
    {
        bool isOpen = false;
        WriteSystemText(json, attempt.Options?.Instructions, ref isOpen);
        foreach (ChatMessage message in attempt.Messages)
        {
            if (!IsSystem(message.Role)) continue;
            foreach (AIContent content in message.Contents)
            {
                if (content is TextContent text) WriteSystemText(json, text.Text, ref isOpen);
                else Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, content.GetType().Name, "Gemini's system instruction takes text only");
            }
        }

        if (!isOpen) return;
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSystemText(Utf8JsonWriter json, string? text, ref bool isOpen)
    {
        if (string.IsNullOrEmpty(text)) return;
        if (!isOpen)
        {
            json.WriteStartObject(System);
            json.WriteStartArray("parts"u8);
            isOpen = true;
        }

        json.WriteStartObject();
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    }

    /// <summary>OpenAI's newer word for the same is understood too.</summary>
    internal static bool IsSystem(ChatRole role) => role == ChatRole.System || role.Value == "developer";
}
