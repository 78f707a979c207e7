using System.Buffers;
using System.Text.Json;
using HarborClient.Providers.OpenAICompatible;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Local;

/// <summary>Writes the body of vLLM's <c>POST tokenize</c>: messages and tools as in a chat, nothing else.</summary>
internal static class TokenizeRequestWriter
{
    internal static void Write(Call attempt, ChatDialect dialect, IBufferWriter<byte> output)
    {
        using JsonBody body = JsonBody.Over(output);
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("model"u8, attempt.Target!.Model);
        ChatMessageWriter.Write(body, attempt, dialect, attempt.Options?.Instructions);
        if (attempt.Options is { ToolMode: not NoneChatToolMode, Tools.Count: > 0 } options)
        {
            json.WriteStartArray("tools"u8);
            ChatToolWriter.WriteFunctions(json, options.Tools);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
