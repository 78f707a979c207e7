using System.Globalization;
using System.Text.Json;
using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// One chat completion, streamed or whole as the request asks.
internal sealed class OpenAIChatRenderer
{
    private const string PaddingAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int LongestPadding = 33;

    private readonly ReplySettings _reply;
    private readonly RenderContext _context;
    private readonly IReadOnlyList<string> _text;
    private readonly bool _isUsageAsked;
    private readonly bool _isPadded;
    private readonly List<WireEvent> _events = [];
    private ulong _padding;

    public OpenAIChatRenderer(ReplySettings reply, RenderContext context)
    {
        JsonElement? options = context.Body.Json?.Member("stream_options");
        _reply = reply;
        _context = context;
        _text = reply.TextPieces ?? [.. Words.Split(Echo(context.Body))];
        _isUsageAsked = reply.ReportsUsage && options?.Member("include_usage")?.ValueKind == JsonValueKind.True;
        _isPadded = reply.ObfuscationSeed is not null && options?.Member("include_obfuscation")?.ValueKind != JsonValueKind.False;
        _padding = (ulong)(reply.ObfuscationSeed ?? 0);
    }

    private string FinishReason => _reply.FinishReason ?? (_reply.ToolCalls.Count > 0 ? "tool_calls" : "stop");

    public RenderedReply Render() => _context.Body.IsStreaming ? Stream() : Whole();

    // What an emulator says when its script leaves it to itself.
    public static string Echo(RequestBody body)
    {
        JsonElement last = (body.Json?.Member("messages")).Items().LastOrDefault(message => message.Member("role")?.Text() == "user");
        JsonElement? content = last.Member("content");
        string question = content?.Text() ?? string.Concat(content.Items().Select(part => part.Member("text")?.Text()));
        return string.IsNullOrEmpty(question) ? "Hello from the emulator." : "You said: " + question;
    }

    private RenderedReply Stream()
    {
        AddChunk(WireEventKind.Opening, json =>
        {
            json.WriteString("role", "assistant");
            WriteText(json, "content", _text.Count > 0 ? string.Empty : null);
            json.WriteNull("refusal");
        });
        foreach (string piece in _reply.ReasoningPieces)
        {
            AddChunk(WireEventKind.Update, json => json.WriteString("reasoning_content", piece));
        }

        foreach (string piece in _text)
        {
            AddChunk(WireEventKind.Update, json => json.WriteString("content", piece));
        }

        foreach (string piece in _reply.RefusalPieces)
        {
            AddChunk(WireEventKind.Update, json => json.WriteString("refusal", piece));
        }

        for (int index = 0; index < _reply.ToolCalls.Count; index++)
        {
            AddToolCall(index, _reply.ToolCalls[index]);
        }

        AddChunk(WireEventKind.Finish, static _ => { }, FinishReason);
        if (_isUsageAsked)
        {
            _events.Add(new WireEvent(WireEventKind.Trailer, SseFraming.Event(JsonBytes.Write(json =>
            {
                WriteHead(json, "chat.completion.chunk");
                json.WriteStartArray("choices");
                json.WriteEndArray();
                WriteUsage(json, _reply, _text, _context.Body);
                WritePadding(json);
            }))));
        }

        _events.Add(new WireEvent(WireEventKind.Done, SseFraming.Event("[DONE]"u8)));
        return new RenderedReply(200, SseFraming.ContentType + "; charset=utf-8", _events);
    }

    // The first fragment names the call, the later ones only carry its index.
    private void AddToolCall(int index, ToolCallSettings call)
    {
        AddToolFragment(index, json =>
        {
            json.WriteString("id", call.Id);
            json.WriteString("type", "function");
            WriteFunction(json, call.Name, string.Empty);
        });
        foreach (string piece in call.ArgumentPieces)
        {
            AddToolFragment(index, json => WriteFunction(json, null, piece));
        }
    }

    private void AddToolFragment(int index, Action<Utf8JsonWriter> writeRest) => AddChunk(WireEventKind.Update, json =>
    {
        json.WriteStartArray("tool_calls");
        json.WriteStartObject();
        json.WriteNumber("index", index);
        writeRest(json);
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private void AddChunk(WireEventKind kind, Action<Utf8JsonWriter> writeDelta, string? finishReason = null) =>
        _events.Add(new WireEvent(kind, SseFraming.Event(JsonBytes.Write(json =>
        {
            WriteHead(json, "chat.completion.chunk");
            json.WriteStartArray("choices");
            json.WriteStartObject();
            json.WriteNumber("index", 0);
            json.WriteStartObject("delta");
            writeDelta(json);
            json.WriteEndObject();
            json.WriteNull("logprobs");
            WriteText(json, "finish_reason", finishReason);
            json.WriteEndObject();
            json.WriteEndArray();
            if (_isUsageAsked) json.WriteNull("usage");
            WritePadding(json);
        }))));

    private RenderedReply Whole()
    {
        byte[] body = JsonBytes.Write(json =>
        {
            WriteHead(json, "chat.completion");
            json.WriteStartArray("choices");
            json.WriteStartObject();
            json.WriteNumber("index", 0);
            json.WriteStartObject("message");
            WriteMessage(json);
            json.WriteEndObject();
            json.WriteNull("logprobs");
            json.WriteString("finish_reason", FinishReason);
            json.WriteEndObject();
            json.WriteEndArray();
            if (_reply.ReportsUsage) WriteUsage(json, _reply, _text, _context.Body);
        });
        return new RenderedReply(200, OpenAIProtocol.JsonContentType, [new WireEvent(WireEventKind.Update, body)]);
    }

    private void WriteMessage(Utf8JsonWriter json)
    {
        json.WriteString("role", "assistant");
        WriteText(json, "content", JoinOrNull(_text));
        WriteText(json, "refusal", JoinOrNull(_reply.RefusalPieces));
        if (_reply.ReasoningPieces.Count > 0) json.WriteString("reasoning_content", string.Concat(_reply.ReasoningPieces));
        if (_reply.ToolCalls.Count > 0)
        {
            json.WriteStartArray("tool_calls");
            foreach (ToolCallSettings call in _reply.ToolCalls)
            {
                json.WriteStartObject();
                json.WriteString("id", call.Id);
                json.WriteString("type", "function");
                WriteFunction(json, call.Name, string.Concat(call.ArgumentPieces));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteStartArray("annotations");
        json.WriteEndArray();
    }

    private void WriteHead(Utf8JsonWriter json, string type)
    {
        json.WriteString("id", string.Create(CultureInfo.InvariantCulture, $"chatcmpl-emulated-{_context.Number}"));
        json.WriteString("object", type);
        json.WriteNumber("created", _context.Now.ToUnixTimeSeconds());
        json.WriteString("model", _reply.Model ?? _context.Body.Model ?? _context.Models[0]);
        json.WriteString("service_tier", "default");
        json.WriteNull("system_fingerprint");
    }

    public static void WriteUsage(Utf8JsonWriter json, ReplySettings reply, IReadOnlyList<string> text, RequestBody body)
    {
        UsageSettings usage = reply.Usage ?? EstimateUsage(reply, text, body);
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", usage.PromptTokens);
        json.WriteNumber("completion_tokens", usage.CompletionTokens);
        json.WriteNumber("total_tokens", usage.PromptTokens + usage.CompletionTokens);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", usage.CachedTokens);
        json.WriteNumber("audio_tokens", 0);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details");
        json.WriteNumber("reasoning_tokens", usage.ReasoningTokens);
        json.WriteNumber("audio_tokens", 0);
        json.WriteNumber("accepted_prediction_tokens", 0);
        json.WriteNumber("rejected_prediction_tokens", 0);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static UsageSettings EstimateUsage(ReplySettings reply, IReadOnlyList<string> text, RequestBody body)
    {
        long reasoning = TokenEstimate.Of(string.Concat(reply.ReasoningPieces));
        string calls = string.Concat(reply.ToolCalls.SelectMany(call => call.ArgumentPieces.Prepend(call.Name)));
        string output = string.Concat(text) + string.Concat(reply.RefusalPieces) + calls;
        return new UsageSettings(OpenAIProtocol.PromptTokens(body), TokenEstimate.Of(output) + reasoning, 0, reasoning);
    }

    private void WritePadding(Utf8JsonWriter json)
    {
        if (!_isPadded) return;
        char[] padding = new char[DeterministicRandom.Next(ref _padding) % (LongestPadding + 1)];
        for (int i = 0; i < padding.Length; i++)
        {
            padding[i] = PaddingAlphabet[(int)(DeterministicRandom.Next(ref _padding) % (ulong)PaddingAlphabet.Length)];
        }

        json.WriteString("obfuscation", padding);
    }

    public static void WriteFunction(Utf8JsonWriter json, string? name, string arguments)
    {
        json.WriteStartObject("function");
        if (name is not null) json.WriteString("name", name);
        json.WriteString("arguments", arguments);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is null)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteString(name, text);
        }
    }

    private static string? JoinOrNull(IReadOnlyList<string> pieces) => pieces.Count == 0 ? null : string.Concat(pieces);
}
