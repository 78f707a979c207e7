using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

// Hot path: one event of a stream per call of ReadEvent. Utf8JsonReader by hand; texts are slices of the event.

/// <summary>
/// Reads messages, whole ones and the events of a stream, as Anthropic documents them and as gateways change them: members in any order, a repeated
/// message_start, blocks without a start or a stop, pings and <c>[DONE]</c> anywhere. A stream is whole with message_stop and nothing else.
/// </summary>
internal sealed class ClaudeAnswerParser : AnswerParser
{
    // Of any answer of the process.
    private static string? _latestModel;
    private static string? _latestReason;

    private ClaudeBlocks _blocks;

    // Of a stream, which reports more than once. A whole answer counts on the stack.
    private StrongBox<ClaudeUsage>? _usage;
    private AdditionalPropertiesDictionary? _properties;
    private bool _hasBegun;
    private bool _isDone;

    private enum EventType
    {
        Other,
        MessageStart,
        BlockStart,
        BlockDelta,
        BlockStop,
        MessageDelta,
        MessageStop,
        Error,
    }

    private ref ClaudeUsage Usage => ref (_usage ??= new StrongBox<ClaudeUsage>(new ClaudeUsage())).Value;

    internal override bool IsTerminated => _isDone;

    internal override bool MayEndHere => false;

    internal override void ReadEvent(ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        if (batch.Frame.TryMatch(data.Span, out RawText text))
        {
            batch.Repeat(text, data);
            return;
        }

        ReadOnlySpan<byte> trimmed = data.Span.Trim(" \t"u8);
        if (trimmed.Length == 0 || trimmed.SequenceEqual("[DONE]"u8)) return;
        var json = new Utf8JsonReader(data.Span);
        JsonLenient.StartObject(ref json);

        // Members come in any order, so those that the type decides over are remembered and read at the end.
        Utf8JsonReader content = default;
        EventType type = EventType.Other;
        long? index = null;
        bool hasError = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "type"u8)) type = TypeOf(ref json);
            else if (JsonLenient.Is(ref json, "index"u8)) index = JsonLenient.Integer(ref json);
            else if (JsonLenient.Is(ref json, "delta"u8) || JsonLenient.Is(ref json, "content_block"u8) || JsonLenient.Is(ref json, "message"u8)) Remember(ref json, ref content);
            else if (JsonLenient.Is(ref json, "usage"u8)) ReadUsage(ref json, ref Usage, batch);
            else if (JsonLenient.Is(ref json, "context_management"u8)) ReadShown(ref json, "context_management", data);
            else if (JsonLenient.Is(ref json, "error"u8)) hasError |= HasValue(ref json);
            else JsonLenient.SkipValue(ref json);
        }

        JsonLenient.End(ref json);
        if (hasError || type == EventType.Error) throw ClaudeErrorReader.InsideAnswer(data.Span);
        Read(type, index, ref content, data, batch);

        // Everything but a piece of a block begins or ends something.
        if (type != EventType.BlockDelta) batch.DoesMore();
        batch.LearnFrame(data);
    }

    internal override void ReadBody(ReadOnlyMemory<byte> body, UpdateBatch batch)
    {
        var json = new Utf8JsonReader(body.Span);
        JsonLenient.StartObject(ref json);
        var usage = new ClaudeUsage();
        ReadMessage(ref json, body, batch, ref usage, isWhole: true);
        JsonLenient.End(ref json);
        if (!_hasBegun) throw new JsonException("there is no message in it");
        End(batch);
    }

    private void Read(EventType type, long? index, ref Utf8JsonReader content, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        bool hasContent = content.TokenType == JsonTokenType.StartObject;
        switch (type)
        {
            case EventType.MessageStart when hasContent:
                ReadMessage(ref content, data, batch, ref Usage, isWhole: false);
                break;
            case EventType.BlockStart when hasContent:
                _hasBegun = true;
                _blocks.Start(index, ref content, data, batch);
                break;
            case EventType.BlockDelta when hasContent:
                _hasBegun = true;
                _blocks.Add(index, ref content, data, batch);
                break;
            case EventType.BlockStop:
                _blocks.Stop(index, batch);
                break;
            case EventType.MessageDelta:
                _hasBegun = true;
                if (hasContent) ReadEnding(ref content, data, batch);
                break;
            case EventType.MessageStop:
                if (!_hasBegun) throw new JsonException("it was declared done before it had begun");
                End(batch);
                break;
        }
    }

    private void End(UpdateBatch batch)
    {
        _blocks.StopAll(batch);
        batch.EndText();
        if (_properties is not null) DescribeAnswer(_properties, batch);
        _isDone = true;
    }

    private static void DescribeAnswer(AdditionalPropertiesDictionary properties, UpdateBatch batch)
    {
        foreach ((string name, object? fact) in properties) batch.Describe(name, fact);
        batch.Introduce(null, null);
    }

    /// <summary>The whole message of a plain answer; in message_start the same object without its content.</summary>
    private void ReadMessage(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch, ref ClaudeUsage usage, bool isWhole)
    {
        Utf8JsonReader details = default;
        string? id = null;
        string? model = null;
        bool isRepeated = _hasBegun;
        _hasBegun |= !isWhole;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "content"u8))
            {
                if (isWhole) _hasBegun = true;
                ReadContent(ref json, data, batch, isRepeated);
            }
            else if (JsonLenient.Is(ref json, "id"u8)) id = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "model"u8)) model = JsonLenient.Text(ref json, ref _latestModel);
            else if (JsonLenient.Is(ref json, "usage"u8)) ReadUsage(ref json, ref usage, batch);
            else if (JsonLenient.Is(ref json, "error"u8))
            {
                if (HasValue(ref json)) throw ClaudeErrorReader.InsideAnswer(data.Span);
            }
            else ReadEndingMember(ref json, data, batch, ref details);
        }

        // A gateway that begins again says the same, or something about itself.
        if (batch.Identity?.ResponseId is not null) id = null;
        if (batch.Identity?.Model is not null) model = null;
        batch.Introduce(id, model);
        AddRefusal(ref details, data, batch);
    }

    private void ReadContent(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch, bool isRepeated)
    {
        if (!JsonLenient.IsArray(ref json)) return;
        for (long index = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; index++)
        {
            if (json.TokenType != JsonTokenType.StartObject || isRepeated)
            {
                json.Skip();
                continue;
            }

            _blocks.AddWhole(index, ref json, data, batch);
        }
    }

    private void ReadEnding(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        Utf8JsonReader details = default;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName) ReadEndingMember(ref json, data, batch, ref details);
        AddRefusal(ref details, data, batch);
    }

    private void ReadEndingMember(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch, ref Utf8JsonReader details)
    {
        if (JsonLenient.Is(ref json, "stop_details"u8))
        {
            details = json;
            details.Read();
            ReadShown(ref json, "stop_details", data);
        }
        else if (JsonLenient.Is(ref json, "stop_sequence"u8)) ReadShown(ref json, "stop_sequence", data);
        else if (JsonLenient.Is(ref json, "container"u8)) ReadShown(ref json, "container", data);
        else if (JsonLenient.Is(ref json, "context_management"u8)) ReadShown(ref json, "context_management", data);
        else if (!JsonLenient.Is(ref json, "stop_reason"u8)) JsonLenient.SkipValue(ref json);
        else if (JsonLenient.Text(ref json, ref _latestReason) is { Length: > 0 } reason) batch.Add(new HarborUpdate(HarborUpdateKind.Finish, reason));
    }

    /// <summary>Keeps a fact about the answer as a whole, which is shown on the response under its own name; null says nothing.</summary>
    private void ReadShown(ref Utf8JsonReader json, string name, ReadOnlyMemory<byte> data)
    {
        json.Read();
        Utf8JsonReader value = json;
        int start = (int)json.TokenStartIndex;
        json.Skip();
        if (value.TokenType == JsonTokenType.Null) return;
        (_properties ??= [])[name] = value.TokenType == JsonTokenType.String ? JsonLenient.CurrentText(ref value) : JsonElement.Parse(data.Span[start..(int)json.BytesConsumed]);
    }

    /// <summary>A refusal has no text of its own; what the provider says of it stands for it.</summary>
    private void AddRefusal(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        if (json.TokenType != JsonTokenType.StartObject) return;
        int start = (int)json.TokenStartIndex;
        string? explanation = null;
        string? category = null;
        bool isRefusal = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "type"u8)) isRefusal = JsonLenient.Text(ref json) == "refusal";
            else if (JsonLenient.Is(ref json, "explanation"u8)) explanation = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "category"u8)) category = JsonLenient.Text(ref json);
            else JsonLenient.SkipValue(ref json);
        }

        if (!isRefusal || (explanation ?? category) is not { Length: > 0 } message) return;
        _blocks.StopAll(batch);
        var refusal = new ErrorContent(message) { ErrorCode = "Refusal", Details = category, RawRepresentation = JsonElement.Parse(data.Span[start..(int)json.BytesConsumed]) };
        batch.Add(new HarborUpdate(HarborUpdateKind.Content, refusal));
    }

    private static void ReadUsage(ref Utf8JsonReader json, ref ClaudeUsage usage, UpdateBatch batch)
    {
        batch.DoesMore();
        if (!usage.Read(ref json)) return;
        batch.Add(new HarborUpdate(HarborUpdateKind.Usage, usage.ToDetails()));
        if (usage.Terms is { } terms && terms.Describe(batch)) batch.Introduce(null, null);
    }

    private static void Remember(ref Utf8JsonReader json, ref Utf8JsonReader place)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.StartObject) place = json;
        json.Skip();
    }

    private static bool HasValue(ref Utf8JsonReader json)
    {
        json.Read();
        bool has = json.TokenType is not (JsonTokenType.Null or JsonTokenType.False);
        json.Skip();
        return has;
    }

    private static EventType TypeOf(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.String)
        {
            json.Skip();
            return EventType.Other;
        }

        if (JsonLenient.Is(ref json, "content_block_delta"u8)) return EventType.BlockDelta;
        if (JsonLenient.Is(ref json, "content_block_start"u8)) return EventType.BlockStart;
        if (JsonLenient.Is(ref json, "content_block_stop"u8)) return EventType.BlockStop;
        if (JsonLenient.Is(ref json, "message_start"u8)) return EventType.MessageStart;
        if (JsonLenient.Is(ref json, "message_delta"u8)) return EventType.MessageDelta;
        if (JsonLenient.Is(ref json, "message_stop"u8)) return EventType.MessageStop;
        return JsonLenient.Is(ref json, "error"u8) ? EventType.Error : EventType.Other;
    }
}
