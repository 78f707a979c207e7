using System.Text.Json;
using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// One answer of generateContent, whole, as events, or as the list that a stream without alt=sse is.
internal sealed class GeminiRenderer
{
    private readonly ReplySettings _reply;
    private readonly RenderContext _context;
    private readonly IReadOnlyList<string> _text;

    public GeminiRenderer(ReplySettings reply, RenderContext context)
    {
        _reply = reply;
        _context = context;
        _text = reply.TextPieces ?? [.. Words.Split(Echo(context.Body))];
    }

    // Gemini has no refusal in words of the model: the answer ends for safety, and says so beside it.
    private string FinishReason => _reply.FinishReason ?? (_reply.RefusalPieces.Count > 0 ? "SAFETY" : "STOP");

    public RenderedReply Render()
    {
        if (!_context.Body.IsStreaming) return new RenderedReply(200, GeminiProtocol.JsonContentType, [new WireEvent(WireEventKind.Update, Chunk(WriteAllParts, isLast: true))]);
        List<WireEvent> chunks = [.. Chunks()];
        bool isSse = _context.Head.Path.Contains("alt=sse", StringComparison.Ordinal);
        return isSse
            ? new RenderedReply(200, SseFraming.ContentType, [.. chunks.Select(chunk => chunk with { Bytes = Event(chunk.Bytes.Span) })])
            : new RenderedReply(200, GeminiProtocol.JsonContentType, [new WireEvent(WireEventKind.Update, List(chunks))]);
    }

    private static string Echo(RequestBody body)
    {
        JsonElement last = (body.Json?.Member("contents")).Items().LastOrDefault(content => content.Member("role")?.Text() is null or "user");
        string question = string.Concat(last.Member("parts").Items().Select(part => part.Member("text")?.Text()));
        return string.IsNullOrEmpty(question) ? "Hello from the emulator." : "You said: " + question;
    }

    private static byte[] Event(ReadOnlySpan<byte> data) => [.. "data: "u8, .. data, .. "\r\n\r\n"u8];

    private static byte[] List(List<WireEvent> chunks)
    {
        using var body = new MemoryStream();
        body.Write("["u8);
        for (int i = 0; i < chunks.Count; i++)
        {
            if (i > 0) body.Write("\n,\r\n"u8);
            body.Write(chunks[i].Bytes.Span);
        }

        body.Write("\n]\n"u8);
        return body.ToArray();
    }

    private IEnumerable<WireEvent> Chunks()
    {
        foreach (string piece in _reply.ReasoningPieces) yield return Update(json => WriteText(json, piece, isThought: true));
        foreach (string piece in _text) yield return Update(json => WriteText(json, piece));
        foreach (ToolCallSettings call in _reply.ToolCalls) yield return Update(json => WriteCall(json, call));
        yield return new WireEvent(WireEventKind.Finish, Chunk(json => WriteText(json, ""), isLast: true));
    }

    private WireEvent Update(Action<Utf8JsonWriter> writePart) => new(WireEventKind.Update, Chunk(writePart, isLast: false));

    private byte[] Chunk(Action<Utf8JsonWriter> writeParts, bool isLast) => JsonBytes.Write(json =>
    {
        json.WriteStartArray("candidates");
        json.WriteStartObject();
        json.WriteStartObject("content");
        json.WriteStartArray("parts");
        writeParts(json);
        json.WriteEndArray();
        json.WriteString("role", "model");
        json.WriteEndObject();
        if (isLast)
        {
            json.WriteString("finishReason", FinishReason);
            if (_reply.RefusalPieces.Count > 0) json.WriteString("finishMessage", string.Concat(_reply.RefusalPieces));
        }

        json.WriteNumber("index", 0);
        json.WriteEndObject();
        json.WriteEndArray();
        if (isLast && _reply.ReportsUsage) WriteUsage(json);
        json.WriteString("modelVersion", _reply.Model ?? _context.Body.Model);
        json.WriteString("responseId", $"emulated-{_context.Number}");
    });

    private void WriteAllParts(Utf8JsonWriter json)
    {
        if (_reply.ReasoningPieces.Count > 0) WriteText(json, string.Concat(_reply.ReasoningPieces), isThought: true);
        if (_text.Count > 0) WriteText(json, string.Concat(_text));
        foreach (ToolCallSettings call in _reply.ToolCalls) WriteCall(json, call);
    }

    private static void WriteText(Utf8JsonWriter json, string text, bool isThought = false)
    {
        json.WriteStartObject();
        json.WriteString("text", text);
        if (isThought) json.WriteBoolean("thought", true);
        json.WriteEndObject();
    }

    // A call is whole in one part. Arguments are an object; a script's that are no JSON go as text, for there is no other way to send them.
    private static void WriteCall(Utf8JsonWriter json, ToolCallSettings call)
    {
        string arguments = string.Concat(call.ArgumentPieces);
        json.WriteStartObject();
        json.WriteStartObject("functionCall");
        if (call.Id.Length > 0) json.WriteString("id", call.Id);
        json.WriteString("name", call.Name);
        json.WritePropertyName("args");
        if (arguments.Length == 0) json.WriteRawValue("{}");
        else if (RequestBody.ParseJson(System.Text.Encoding.UTF8.GetBytes(arguments)) is { } parsed) parsed.WriteTo(json);
        else json.WriteStringValue(arguments);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteUsage(Utf8JsonWriter json)
    {
        UsageSettings usage = _reply.Usage ?? EstimateUsage();
        json.WriteStartObject("usageMetadata");
        json.WriteNumber("promptTokenCount", usage.PromptTokens);
        if (usage.CachedTokens > 0) json.WriteNumber("cachedContentTokenCount", usage.CachedTokens);
        json.WriteNumber("candidatesTokenCount", usage.CompletionTokens - usage.ReasoningTokens);
        if (usage.ReasoningTokens > 0) json.WriteNumber("thoughtsTokenCount", usage.ReasoningTokens);
        json.WriteNumber("totalTokenCount", usage.PromptTokens + usage.CompletionTokens);
        json.WriteEndObject();
    }

    private UsageSettings EstimateUsage()
    {
        long reasoning = TokenEstimate.Of(string.Concat(_reply.ReasoningPieces));
        string calls = string.Concat(_reply.ToolCalls.SelectMany(call => call.ArgumentPieces.Prepend(call.Name)));
        return new UsageSettings(GeminiProtocol.PromptTokens(_context.Body.Json), TokenEstimate.Of(string.Concat(_text) + calls) + reasoning, 0, reasoning);
    }
}
