using System.Text.Json;
using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// One chat completion as Zhipu writes it: the role on every delta, a tool call whole unless asked otherwise, usage on the last choice without being asked.
internal sealed class ZhipuChatRenderer(ReplySettings reply, RenderContext context)
{
    private readonly IReadOnlyList<string> _text = reply.TextPieces ?? [.. Words.Split(OpenAIChatRenderer.Echo(context.Body))];
    private readonly List<WireEvent> _events = [];

    private string FinishReason => reply.FinishReason ?? (reply.ToolCalls.Count > 0 ? "tool_calls" : "stop");

    public RenderedReply Render() => context.Body.IsStreaming ? Stream() : Whole();

    private RenderedReply Stream()
    {
        foreach (string piece in reply.ReasoningPieces) AddChunk(json => json.WriteString("reasoning_content", piece));
        foreach (string piece in _text.Concat(reply.RefusalPieces)) AddChunk(json => json.WriteString("content", piece));
        bool isInPieces = context.Body.Json?.Member("tool_stream")?.ValueKind == JsonValueKind.True;
        for (int index = 0; index < reply.ToolCalls.Count; index++)
        {
            ToolCallSettings call = reply.ToolCalls[index];
            AddToolChunk(index, call.Id, call.Name, isInPieces ? string.Empty : string.Concat(call.ArgumentPieces));
            if (!isInPieces) continue;
            foreach (string piece in call.ArgumentPieces) AddToolChunk(index, null, null, piece);
        }

        AddChunk(static json => json.WriteString("content", string.Empty), isLast: true);
        _events.Add(new WireEvent(WireEventKind.Done, SseFraming.Event("[DONE]"u8)));
        return new RenderedReply(200, SseFraming.ContentType + ";charset=UTF-8", _events);
    }

    private RenderedReply Whole()
    {
        byte[] body = JsonBytes.Write(json =>
        {
            WriteHead(json);
            json.WriteString("request_id", ZhipuProtocol.RequestId(context));
            json.WriteStartArray("choices");
            json.WriteStartObject();
            json.WriteNumber("index", 0);
            json.WriteString("finish_reason", FinishReason);
            json.WriteStartObject("message");
            WriteMessage(json);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            if (reply.ReportsUsage) OpenAIChatRenderer.WriteUsage(json, reply, _text, context.Body);
        });
        return new RenderedReply(200, OpenAIProtocol.JsonContentType, [new WireEvent(WireEventKind.Update, body)]);
    }

    private void WriteMessage(Utf8JsonWriter json)
    {
        json.WriteString("role", "assistant");
        string content = string.Concat(_text.Concat(reply.RefusalPieces));
        if (content.Length > 0 || reply.ToolCalls.Count == 0) json.WriteString("content", content);
        if (reply.ReasoningPieces.Count > 0) json.WriteString("reasoning_content", string.Concat(reply.ReasoningPieces));
        if (reply.ToolCalls.Count == 0) return;
        json.WriteStartArray("tool_calls");
        for (int index = 0; index < reply.ToolCalls.Count; index++)
        {
            ToolCallSettings call = reply.ToolCalls[index];
            WriteToolCall(json, index, call.Id, call.Name, string.Concat(call.ArgumentPieces));
        }

        json.WriteEndArray();
    }

    private void AddToolChunk(int index, string? id, string? name, string arguments) => AddChunk(json =>
    {
        json.WriteStartArray("tool_calls");
        WriteToolCall(json, index, id, name, arguments);
        json.WriteEndArray();
    });

    private void AddChunk(Action<Utf8JsonWriter> writeDelta, bool isLast = false) =>
        _events.Add(new WireEvent(isLast ? WireEventKind.Finish : WireEventKind.Update, SseFraming.Event(JsonBytes.Write(json =>
        {
            WriteHead(json);
            json.WriteStartArray("choices");
            json.WriteStartObject();
            json.WriteNumber("index", 0);
            if (isLast) json.WriteString("finish_reason", FinishReason);
            json.WriteStartObject("delta");
            json.WriteString("role", "assistant");
            writeDelta(json);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            if (isLast && reply.ReportsUsage) OpenAIChatRenderer.WriteUsage(json, reply, _text, context.Body);
        }))));

    private void WriteHead(Utf8JsonWriter json)
    {
        json.WriteString("id", ZhipuProtocol.IdOf(context));
        json.WriteNumber("created", context.Now.ToUnixTimeSeconds());
        json.WriteString("model", reply.Model ?? context.Body.Model ?? context.Models[0]);
    }

    private static void WriteToolCall(Utf8JsonWriter json, int index, string? id, string? name, string arguments)
    {
        json.WriteStartObject();
        if (id is not null) json.WriteString("id", id);
        json.WriteNumber("index", index);
        json.WriteString("type", "function");
        OpenAIChatRenderer.WriteFunction(json, name, arguments);
        json.WriteEndObject();
    }
}
