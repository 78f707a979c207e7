using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>Prompts and answers as OpenTelemetry's gen_ai message JSON; used only when capturing content is switched on.</summary>
internal static class MessageContent
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static string Write(IEnumerable<ChatMessage> messages)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartArray();
        foreach (ChatMessage message in messages) WriteMessage(json, message);
        json.WriteEndArray();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    internal static string Write(Call call) => Write(AnswerBuilder.Fill(new ChatResponse(), call, "").Messages);

    private static void WriteMessage(Utf8JsonWriter json, ChatMessage message)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, message.Role.Value);
        json.WriteStartArray("parts"u8);
        foreach (AIContent content in message.Contents) WritePart(json, content);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter json, AIContent content)
    {
        (string type, string? text) = content switch
        {
            TextContent part => ("text", part.Text),
            TextReasoningContent part => ("reasoning", part.Text),
            FunctionCallContent part => ("tool_call", part.Name),
            FunctionResultContent part => ("tool_call_response", part.Result?.ToString()),
            _ => (content.GetType().Name, null),
        };
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        if (text is not null) json.WriteString("content"u8, text);
        json.WriteEndObject();
    }
}
