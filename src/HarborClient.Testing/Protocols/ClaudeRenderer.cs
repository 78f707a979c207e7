using System.Globalization;
using System.Text;
using System.Text.Json;
using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// One message, streamed or whole as the request asks. Its blocks: thinking, text, one for each tool call.
internal sealed class ClaudeRenderer
{
    // Long enough to look like one, and the same on every run.
    private const string Signature = "EmulatedSignature/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";

    private readonly ReplySettings _reply;
    private readonly RenderContext _context;
    private readonly IReadOnlyList<string> _text;
    private readonly List<WireEvent> _events = [];
    private int _block;

    public ClaudeRenderer(ReplySettings reply, RenderContext context)
    {
        _reply = reply;
        _context = context;
        _text = reply.TextPieces ?? [.. Words.Split(Echo(context.Body))];
    }

    private string StopReason => _reply.FinishReason ?? (_reply.RefusalPieces.Count > 0 ? "refusal" : _reply.ToolCalls.Count > 0 ? "tool_use" : "end_turn");

    public RenderedReply Render() => _context.Body.IsStreaming ? Stream() : Whole();

    private static string Echo(RequestBody body)
    {
        JsonElement last = (body.Json?.Member("messages")).Items().LastOrDefault(message => message.Member("role")?.Text() == "user");
        JsonElement? content = last.Member("content");
        string question = content?.Text() ?? string.Concat(content.Items().Select(part => part.Member("text")?.Text()));
        return string.IsNullOrEmpty(question) ? "Hello from the emulator." : "You said: " + question;
    }

    private RenderedReply Stream()
    {
        Add(WireEventKind.Opening, "message_start", json =>
        {
            json.WriteStartObject("message");
            WriteHead(json);
            json.WriteStartArray("content");
            json.WriteEndArray();
            json.WriteNull("stop_reason");
            json.WriteNull("stop_sequence");
            if (_reply.ReportsUsage) WriteUsage(json, isStart: true);
            json.WriteEndObject();
        });
        AddBlock("thinking", _reply.ReasoningPieces, "thinking_delta", "thinking", isSigned: true);
        AddBlock("text", _text, "text_delta", "text", isSigned: false);
        Add(WireEventKind.Opening, "ping", static _ => { });
        foreach (ToolCallSettings call in _reply.ToolCalls) AddToolCall(call);
        Add(WireEventKind.Finish, "message_delta", json =>
        {
            json.WriteStartObject("delta");
            WriteEnding(json);
            json.WriteEndObject();
            if (_reply.ReportsUsage) WriteUsage(json, isStart: false);
        });
        Add(WireEventKind.Done, "message_stop", static _ => { });
        return new RenderedReply(200, SseFraming.ContentType + "; charset=utf-8", _events);
    }

    private void AddBlock(string type, IReadOnlyList<string> pieces, string deltaType, string member, bool isSigned)
    {
        if (pieces.Count == 0) return;
        AddStart(WireEventKind.Opening, json =>
        {
            json.WriteString("type", type);
            json.WriteString(member, string.Empty);
            if (isSigned) json.WriteString("signature", string.Empty);
        });
        foreach (string piece in pieces) AddDelta(WireEventKind.Update, deltaType, member, piece);
        if (isSigned) AddDelta(WireEventKind.Opening, "signature_delta", "signature", Signature);
        AddStop();
    }

    // The name comes with the start, which so is the call's first update.
    private void AddToolCall(ToolCallSettings call)
    {
        AddStart(WireEventKind.Update, json => WriteToolUse(json, call, "{}"));
        foreach (string piece in call.ArgumentPieces) AddDelta(WireEventKind.Update, "input_json_delta", "partial_json", piece);
        AddStop();
    }

    private void AddStart(WireEventKind kind, Action<Utf8JsonWriter> writeBlock) => Add(kind, "content_block_start", json =>
    {
        json.WriteNumber("index", _block);
        json.WriteStartObject("content_block");
        writeBlock(json);
        json.WriteEndObject();
    });

    private void AddDelta(WireEventKind kind, string type, string member, string piece) => Add(kind, "content_block_delta", json =>
    {
        json.WriteNumber("index", _block);
        json.WriteStartObject("delta");
        json.WriteString("type", type);
        json.WriteString(member, piece);
        json.WriteEndObject();
    });

    private void AddStop() => Add(WireEventKind.Opening, "content_block_stop", json => json.WriteNumber("index", _block++));

    private void Add(WireEventKind kind, string type, Action<Utf8JsonWriter> write)
    {
        byte[] data = JsonBytes.Write(json =>
        {
            json.WriteString("type", type);
            write(json);
        });
        _events.Add(new WireEvent(kind, (byte[])[.. Encoding.UTF8.GetBytes($"event: {type}\n"), .. SseFraming.Event(data)]));
    }

    private RenderedReply Whole()
    {
        byte[] body = JsonBytes.Write(json =>
        {
            WriteHead(json);
            json.WriteStartArray("content");
            WriteBlock(json, "thinking", "thinking", _reply.ReasoningPieces, isSigned: true);
            WriteBlock(json, "text", "text", _text, isSigned: false);
            foreach (ToolCallSettings call in _reply.ToolCalls)
            {
                json.WriteStartObject();
                WriteToolUse(json, call, string.Concat(call.ArgumentPieces));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteEnding(json);
            if (_reply.ReportsUsage) WriteUsage(json, isStart: false);
        });
        return new RenderedReply(200, OpenAIProtocol.JsonContentType, [new WireEvent(WireEventKind.Update, body)]);
    }

    private static void WriteBlock(Utf8JsonWriter json, string type, string member, IReadOnlyList<string> pieces, bool isSigned)
    {
        if (pieces.Count == 0) return;
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteString(member, string.Concat(pieces));
        if (isSigned) json.WriteString("signature", Signature);
        json.WriteEndObject();
    }

    // A whole message holds the input as JSON, and a script may say what is none: then it is sent as a text, which no client takes for an object.
    private static void WriteToolUse(Utf8JsonWriter json, ToolCallSettings call, string input)
    {
        json.WriteString("type", "tool_use");
        json.WriteString("id", call.Id);
        json.WriteString("name", call.Name);
        json.WritePropertyName("input");
        if (RequestBody.ParseJson(Encoding.UTF8.GetBytes(input.Length == 0 ? "{}" : input)) is { } parsed) parsed.WriteTo(json);
        else json.WriteStringValue(input);
    }

    private void WriteHead(Utf8JsonWriter json)
    {
        json.WriteString("id", string.Create(CultureInfo.InvariantCulture, $"msg_emulated_{_context.Number}"));
        json.WriteString("type", "message");
        json.WriteString("role", "assistant");
        json.WriteString("model", _reply.Model ?? _context.Body.Model ?? _context.Models[0]);
    }

    private void WriteEnding(Utf8JsonWriter json)
    {
        json.WriteString("stop_reason", StopReason);
        json.WriteNull("stop_sequence");
        if (_reply.RefusalPieces.Count == 0) return;
        json.WriteStartObject("stop_details");
        json.WriteString("type", "refusal");
        json.WriteNull("category");
        json.WriteString("explanation", string.Concat(_reply.RefusalPieces));
        json.WriteEndObject();
    }

    private void WriteUsage(Utf8JsonWriter json, bool isStart)
    {
        UsageSettings usage = _reply.Usage ?? EstimateUsage();
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", usage.PromptTokens - usage.CachedTokens);
        json.WriteNumber("cache_creation_input_tokens", 0);
        json.WriteNumber("cache_read_input_tokens", usage.CachedTokens);

        // The start knows of one token only.
        json.WriteNumber("output_tokens", isStart ? Math.Min(1, usage.CompletionTokens) : usage.CompletionTokens);
        if (!isStart && usage.ReasoningTokens > 0)
        {
            json.WriteStartObject("output_tokens_details");
            json.WriteNumber("thinking_tokens", usage.ReasoningTokens);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private UsageSettings EstimateUsage()
    {
        long reasoning = TokenEstimate.Of(string.Concat(_reply.ReasoningPieces));
        string calls = string.Concat(_reply.ToolCalls.SelectMany(call => call.ArgumentPieces.Prepend(call.Name)));
        string output = string.Concat(_text) + string.Concat(_reply.RefusalPieces) + calls;
        return new UsageSettings(ClaudeProtocol.PromptTokens(_context.Body), TokenEstimate.Of(output) + reasoning, 0, reasoning);
    }
}
