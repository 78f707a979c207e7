using System.Text.Json;
using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.ZhipuLocal;

/// <summary>
/// Writes messages for the server of the ChatGLM3 repository: content is one text, a function's result has a role of its own and names its function, and the
/// assistant's call is a <c>function_call</c>.
/// </summary>
internal static class ChatGlm3MessageWriter
{
    internal static void Write(JsonBody body, Call attempt)
    {
        if (attempt.Messages.Count == 0 || attempt.Messages[^1].Role == ChatRole.Assistant)
            throw Refused("the last message may not be the assistant's (the server answers 400)");
        var functions = new Dictionary<string, string>(StringComparer.Ordinal);
        body.Json.WriteStartArray("messages"u8);
        if (attempt.Options?.Instructions is { Length: > 0 } instructions) WriteMessage(body, "system", instructions);
        foreach (ChatMessage message in attempt.Messages) WriteMessage(body, attempt, message, functions);
        body.Json.WriteEndArray();
    }

    private static void WriteMessage(JsonBody body, Call attempt, ChatMessage message, Dictionary<string, string> functions)
    {
        FunctionCallContent? call = null;
        bool hasResult = false;
        foreach (AIContent content in message.Contents)
        {
            switch (content)
            {
                case FunctionCallContent next:
                    if (call is not null) throw Refused("a message may hold one function call");
                    call = next;
                    functions[next.CallId] = next.Name;
                    break;
                case FunctionResultContent result:
                    hasResult = true;
                    WriteMessage(body, "function", RequestJson.ResultText(result, attempt.Services.Json), functions.GetValueOrDefault(result.CallId));
                    break;
                case DataContent or UriContent or HostedFileContent:
                    throw Refused("it takes texts only");
            }
        }

        if (hasResult && message.Text.Length == 0) return;
        string role = message.Role == ChatRole.User || message.Role == ChatRole.Assistant || message.Role == ChatRole.System ? message.Role.Value : "user";
        WriteMessage(body, role, message.Text, null, call, attempt);
    }

    private static void WriteMessage(JsonBody body, string role, string text, string? name = null, FunctionCallContent? call = null, Call? attempt = null)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("role"u8, role);
        body.WriteText("content"u8, text);
        if (name is not null) json.WriteString("name"u8, name);
        if (call is not null)
        {
            json.WriteStartObject("function_call"u8);
            json.WriteString("name"u8, call.Name);
            RequestJson.WriteArgumentsText(body, "arguments"u8, call, attempt!.Services.Json);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static HarborException Refused(string why) =>
        ErrorFactory.Setting(ErrorKind.InvalidRequest, $"ChatGLM3's own server cannot take these messages: {why}. Nothing was sent. Behind vLLM, choose the profile ChatGlm3.");
}
