using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Gemini;

// Hot path: every part of every event.

/// <summary>
/// Reads the parts of an answer: text, thoughts, function calls, data, and whatever else there is. A part's thought signature is shown as reasoning with
/// protected data directly before what the part holds, so that it goes back onto the same part.
/// </summary>
internal sealed class GeminiPartReader
{
    /// <summary>Each call holds a buffer of its own, so an unbounded number would let a host fill the memory.</summary>
    private const int MaxCalls = 256;

    /// <summary>Each holds a copy of its JSON; far more than any answer has.</summary>
    private const int MaxContents = 1_000;

    private PartialArguments? _partial;
    private string? _codeCallId;
    private int _calls;
    private int _contents;
    private bool _isPinned = true;

    /// <summary>Whether all text so far is ASCII, so that the host's offsets in bytes are offsets in characters too.</summary>
    internal bool IsAscii { get; private set; } = true;

    internal void Read(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        Utf8JsonReader part = json;
        Utf8JsonReader text = default;
        Utf8JsonReader call = default;
        Utf8JsonReader inline = default;
        string? signature = null;
        bool isThought = false;
        bool hasOther = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "text"u8)) Remember(ref json, ref text);
            else if (JsonLenient.Is(ref json, "thought"u8)) isThought = json.Read() && json.TokenType == JsonTokenType.True;
            else if (JsonLenient.Is(ref json, "thoughtSignature"u8)) signature = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "functionCall"u8)) Remember(ref json, ref call);
            else if (JsonLenient.Is(ref json, "inlineData"u8)) Remember(ref json, ref inline);
            else hasOther |= !IsNull(ref json);
        }

        if (signature?.Length == 0) signature = null;
        hasOther |= inline.TokenType == JsonTokenType.StartObject;
        if (call.TokenType == JsonTokenType.StartObject)
        {
            Sign(signature, batch);
            ReadCall(ref call, data, batch);
        }
        else if (text.TokenType == JsonTokenType.String && isThought)
        {
            Pin(batch);
            batch.AddText(HarborUpdateKind.Reasoning, ref text, data, value: signature);
        }
        else if (text.TokenType == JsonTokenType.String)
        {
            AddText(ref text, signature, data, batch);
        }
        else if (inline.TokenType == JsonTokenType.StartObject && !isThought && GeminiInlineData.Read(ref inline) is { } content)
        {
            Sign(signature, batch);
            AddContent(content, batch);
        }
        else if (hasOther)
        {
            Sign(signature, batch);
            AddContent(OtherOf(ref part), batch);
        }
        else if (signature is not null)
        {
            Sign(signature, batch);
            _isPinned = false;
        }
    }

    /// <summary>The answer has ended: a call whose last piece never came is shown as far as it goes.</summary>
    internal void Complete(UpdateBatch batch)
    {
        if (_partial is not { } partial) return;
        _partial = null;
        AddCall(partial.Head, partial.ToJson(), batch);
    }

    private static void Remember(ref Utf8JsonReader json, ref Utf8JsonReader place)
    {
        json.Read();
        place = json;
        json.Skip();
    }

    private static bool IsNull(ref Utf8JsonReader json)
    {
        json.Read();
        bool isNull = json.TokenType == JsonTokenType.Null;
        json.Skip();
        return isNull;
    }

    private void AddText(ref Utf8JsonReader text, string? signature, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        bool isEmpty = text.ValueSpan.Length == 0;
        if (signature is not null)
        {
            Sign(signature, batch);
            _isPinned = false;
        }

        if (isEmpty) return;
        _isPinned = true;
        IsAscii = IsAscii && Ascii.IsValid(text.ValueSpan) && (!text.ValueIsEscaped || text.ValueSpan.IndexOf("\\u"u8) < 0);
        batch.AddText(HarborUpdateKind.Text, ref text, data);
    }

    private void Sign(string? signature, UpdateBatch batch)
    {
        Pin(batch);
        if (signature is not null) batch.Add(new HarborUpdate(HarborUpdateKind.Reasoning, default, 0, signature));
    }

    /// <summary>A signature that came on an empty text must not slip onto what follows: the empty text is shown after all.</summary>
    private void Pin(UpdateBatch batch)
    {
        if (!_isPinned) batch.Add(new HarborUpdate(HarborUpdateKind.Text, default(ReadOnlyMemory<byte>)));
        _isPinned = true;
    }

    private void ReadCall(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        string? id = null;
        string? name = null;
        ReadOnlyMemory<byte> arguments = default;
        Utf8JsonReader pieces = default;
        bool continues = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "name"u8)) name = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "args"u8)) arguments = ReadArguments(ref json, data, batch);
            else if (JsonLenient.Is(ref json, "id"u8)) id = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "partialArgs"u8)) Remember(ref json, ref pieces);
            else if (JsonLenient.Is(ref json, "willContinue"u8)) continues = json.Read() && json.TokenType == JsonTokenType.True;
            else JsonLenient.SkipValue(ref json);
        }

        bool isNew = !string.IsNullOrEmpty(name) || (!string.IsNullOrEmpty(id) && _partial?.Head.CallId != id);
        if (isNew) Complete(batch);
        if (!isNew && _partial is null) return;
        ToolCallHead head = _partial?.Head ?? new ToolCallHead(string.IsNullOrEmpty(id) ? GeminiCallIds.New() : id, name ?? "");
        if (_partial is null && !continues && pieces.TokenType != JsonTokenType.StartArray)
        {
            AddCall(head, arguments, batch);
            return;
        }

        // Vertex sends arguments in pieces when it is asked to.
        _partial ??= new PartialArguments(head);
        if (pieces.TokenType == JsonTokenType.StartArray) _partial.Read(ref pieces);
        if (!continues) Complete(batch);
    }

    /// <summary>Arguments are an object; what a host sends as text is taken for its JSON.</summary>
    private static ReadOnlyMemory<byte> ReadArguments(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.String) return batch.TextOf(ref json, data);
        int start = (int)json.TokenStartIndex;
        bool isNull = json.TokenType == JsonTokenType.Null;
        json.Skip();
        return isNull ? default : data[start..(int)json.BytesConsumed];
    }

    private void AddCall(ToolCallHead head, ReadOnlyMemory<byte> arguments, UpdateBatch batch)
    {
        if (_calls == MaxCalls) throw new JsonException($"it has more than {MaxCalls} tool calls");
        batch.Add(new HarborUpdate(HarborUpdateKind.ToolCall, arguments, _calls, head));
        batch.Add(new HarborUpdate(HarborUpdateKind.ToolCallEnd, default, _calls));
        _calls++;
    }

    private void AddContent(AIContent content, UpdateBatch batch)
    {
        if (++_contents > MaxContents) throw new JsonException($"it has more than {MaxContents:N0} parts that are neither text nor tool calls");
        batch.Add(new HarborUpdate(HarborUpdateKind.Content, content));
    }

    /// <summary>A part without a reader of its own, whole: it goes back to the model as it came.</summary>
    private AIContent OtherOf(ref Utf8JsonReader json)
    {
        JsonElement part = JsonElement.ParseValue(ref json);
        if (part.TryGetProperty("executableCode"u8, out JsonElement code) && code.ValueKind == JsonValueKind.Object)
        {
            _codeCallId = ErrorFacts.Member(code, "id") ?? GeminiCallIds.New();
            var source = new DataContent(Encoding.UTF8.GetBytes(ErrorFacts.Member(code, "code") ?? ""), "text/x-python");
            return new CodeInterpreterToolCallContent(_codeCallId) { Inputs = [source], RawRepresentation = part };
        }

        if (part.TryGetProperty("codeExecutionResult"u8, out JsonElement result) && result.ValueKind == JsonValueKind.Object)
        {
            string id = ErrorFacts.Member(result, "id") ?? _codeCallId ?? GeminiCallIds.New();
            return new CodeInterpreterToolResultContent(id) { Outputs = [new TextContent(ErrorFacts.Member(result, "output"))], RawRepresentation = part };
        }

        return new AIContent { RawRepresentation = part };
    }
}
