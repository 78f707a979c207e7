using System.Globalization;
using System.Text;
using System.Text.Json;
using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// One answer of the Responses API, streamed or whole as the request asks: reasoning, then the message, then calls, each an item of the output.
internal sealed class OpenAIResponsesRenderer
{
    private readonly ReplySettings _reply;
    private readonly RenderContext _context;
    private readonly IReadOnlyList<string> _text;
    private readonly List<WireEvent> _events = [];
    private readonly List<byte[]> _output = [];
    private int _sequence;

    public OpenAIResponsesRenderer(ReplySettings reply, RenderContext context)
    {
        _reply = reply;
        _context = context;
        _text = reply.TextPieces ?? [.. Words.Split(Echo(context.Body))];
    }

    // "length" and "content_filter" are how replies of all protocols are told to be incomplete.
    private string? IncompleteReason => _reply.FinishReason switch
    {
        "length" or "max_output_tokens" => "max_output_tokens",
        "content_filter" => "content_filter",
        _ => null,
    };

    private string Id => string.Create(CultureInfo.InvariantCulture, $"resp_emulated{_context.Number}");

    public RenderedReply Render()
    {
        string status = IncompleteReason is not null ? "incomplete" : _reply.FinishReason is null or "stop" or "tool_calls" ? "completed" : _reply.FinishReason;
        AddResponse(WireEventKind.Opening, "response.created", "in_progress");
        AddResponse(WireEventKind.Opening, "response.in_progress", "in_progress");
        if (_reply.ReasoningPieces.Count > 0) AddReasoning();
        if (_text.Count > 0 || _reply.RefusalPieces.Count > 0) AddMessage();
        for (int i = 0; i < _reply.ToolCalls.Count; i++) AddCall(_reply.ToolCalls[i]);
        if (!_context.Body.IsStreaming) return new RenderedReply(200, OpenAIProtocol.JsonContentType, [new WireEvent(WireEventKind.Update, JsonBytes.Write(json => WriteResponse(json, status)))]);
        AddResponse(WireEventKind.Finish, status == "incomplete" ? "response.incomplete" : "response.completed", status);
        return new RenderedReply(200, SseFraming.ContentType + "; charset=utf-8", _events);
    }

    private static string Echo(RequestBody body)
    {
        JsonElement? input = body.Json?.Member("input");
        if (input?.Text() is { } prompt) return "You said: " + prompt;
        JsonElement last = input.Items().LastOrDefault(item => item.Member("role")?.Text() == "user");
        JsonElement? content = last.Member("content");
        string question = content?.Text() ?? string.Concat(content.Items().Select(part => part.Member("text")?.Text()));
        return string.IsNullOrEmpty(question) ? "Hello from the emulator." : "You said: " + question;
    }

    private string ItemId(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}_emulated{_context.Number}_{_output.Count}");

    private void AddReasoning()
    {
        string text = string.Concat(_reply.ReasoningPieces);
        AddItem("response.output_item.added", WireEventKind.Opening, json => WriteReasoning(json, null));
        foreach (string piece in _reply.ReasoningPieces) AddPiece("response.reasoning_summary_text.delta", "rs", piece, static json => json.WriteNumber("summary_index", 0));
        Finish(json => WriteReasoning(json, text));
    }

    private void AddMessage()
    {
        AddItem("response.output_item.added", WireEventKind.Opening, json => WriteMessage(json, isWhole: false));
        foreach (string piece in _text) AddPiece("response.output_text.delta", "msg", piece, static json => json.WriteNumber("content_index", 0));
        foreach (string piece in _reply.RefusalPieces) AddPiece("response.refusal.delta", "msg", piece, json => json.WriteNumber("content_index", _text.Count > 0 ? 1 : 0));
        Finish(json => WriteMessage(json, isWhole: true));
    }

    private void AddCall(ToolCallSettings call)
    {
        AddItem("response.output_item.added", WireEventKind.Update, json => WriteCall(json, call, string.Empty));
        foreach (string piece in call.ArgumentPieces) AddPiece("response.function_call_arguments.delta", "fc", piece, static _ => { });
        Finish(json => WriteCall(json, call, string.Concat(call.ArgumentPieces)));
    }

    private void Finish(Action<Utf8JsonWriter> writeItem)
    {
        AddItem("response.output_item.done", WireEventKind.Opening, writeItem);
        _output.Add(JsonBytes.Write(writeItem));
    }

    private void AddItem(string name, WireEventKind kind, Action<Utf8JsonWriter> writeItem) => AddEvent(kind, name, json =>
    {
        json.WriteNumber("output_index", _output.Count);
        json.WriteStartObject("item");
        writeItem(json);
        json.WriteEndObject();
    });

    private void AddPiece(string name, string prefix, string delta, Action<Utf8JsonWriter> writeIndex) => AddEvent(WireEventKind.Update, name, json =>
    {
        json.WriteString("item_id", ItemId(prefix));
        json.WriteNumber("output_index", _output.Count);
        writeIndex(json);
        json.WriteString("delta", delta);
    });

    private void AddResponse(WireEventKind kind, string name, string status) => AddEvent(kind, name, json =>
    {
        json.WriteStartObject("response");
        WriteResponse(json, status);
        json.WriteEndObject();
    });

    private void AddEvent(WireEventKind kind, string name, Action<Utf8JsonWriter> writeRest)
    {
        byte[] data = JsonBytes.Write(json =>
        {
            json.WriteString("type", name);
            json.WriteNumber("sequence_number", _sequence++);
            writeRest(json);
        });
        _events.Add(new WireEvent(kind, (byte[])[.. Encoding.UTF8.GetBytes($"event: {name}\n"), .. SseFraming.Event(data)]));
    }

    private void WriteResponse(Utf8JsonWriter json, string status)
    {
        bool isRunning = status == "in_progress";
        json.WriteString("id", Id);
        json.WriteString("object", "response");
        json.WriteNumber("created_at", _context.Now.ToUnixTimeSeconds());
        json.WriteString("status", status);
        json.WriteNull("error");
        if (IncompleteReason is { } reason && !isRunning)
        {
            json.WriteStartObject("incomplete_details");
            json.WriteString("reason", reason);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("incomplete_details");
        }

        json.WriteString("model", _reply.Model ?? _context.Body.Model ?? _context.Models[0]);
        json.WriteStartArray("output");
        if (!isRunning)
        {
            foreach (byte[] item in _output) json.WriteRawValue(item);
        }

        json.WriteEndArray();
        json.WriteString("service_tier", "default");
        json.WriteBoolean("store", _context.Body.Json?.Member("store")?.ValueKind != JsonValueKind.False);
        if (isRunning || !_reply.ReportsUsage) json.WriteNull("usage");
        else WriteUsage(json);
    }

    private void WriteReasoning(Utf8JsonWriter json, string? text)
    {
        json.WriteString("id", ItemId("rs"));
        json.WriteString("type", "reasoning");
        json.WriteStartArray("summary");
        if (text is not null) WritePart(json, "summary_text", "text", text);
        json.WriteEndArray();
    }

    private void WriteMessage(Utf8JsonWriter json, bool isWhole)
    {
        json.WriteString("id", ItemId("msg"));
        json.WriteString("type", "message");
        json.WriteString("status", isWhole ? "completed" : "in_progress");
        json.WriteString("role", "assistant");
        json.WriteStartArray("content");
        if (isWhole && _text.Count > 0) WritePart(json, "output_text", "text", string.Concat(_text));
        if (isWhole && _reply.RefusalPieces.Count > 0) WritePart(json, "refusal", "refusal", string.Concat(_reply.RefusalPieces));
        json.WriteEndArray();
    }

    private static void WritePart(Utf8JsonWriter json, string type, string member, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteString(member, text);
        if (type == "output_text")
        {
            json.WriteStartArray("annotations");
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void WriteCall(Utf8JsonWriter json, ToolCallSettings call, string arguments)
    {
        json.WriteString("id", ItemId("fc"));
        json.WriteString("type", "function_call");
        json.WriteString("status", "completed");
        json.WriteString("call_id", call.Id);
        json.WriteString("name", call.Name);
        json.WriteString("arguments", arguments);
    }

    private void WriteUsage(Utf8JsonWriter json)
    {
        UsageSettings usage = _reply.Usage ?? EstimateUsage();
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", usage.PromptTokens);
        json.WriteStartObject("input_tokens_details");
        json.WriteNumber("cached_tokens", usage.CachedTokens);
        json.WriteEndObject();
        json.WriteNumber("output_tokens", usage.CompletionTokens);
        json.WriteStartObject("output_tokens_details");
        json.WriteNumber("reasoning_tokens", usage.ReasoningTokens);
        json.WriteEndObject();
        json.WriteNumber("total_tokens", usage.PromptTokens + usage.CompletionTokens);
        json.WriteEndObject();
    }

    private UsageSettings EstimateUsage()
    {
        long reasoning = TokenEstimate.Of(string.Concat(_reply.ReasoningPieces));
        string calls = string.Concat(_reply.ToolCalls.SelectMany(call => call.ArgumentPieces.Prepend(call.Name)));
        string output = string.Concat(_text) + string.Concat(_reply.RefusalPieces) + calls;
        return new UsageSettings(OpenAIProtocol.PromptTokens(_context.Body), TokenEstimate.Of(output) + reasoning, 0, reasoning);
    }
}
