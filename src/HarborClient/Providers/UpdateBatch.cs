using System.Buffers;
using System.Text.Json;
using HarborClient.Pools;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers;

// Hot path: reused for every event of a stream.

/// <summary>The updates that one event (or one plain answer) turned into, in order. One reader, reused; texts point into the event or into <see cref="_unescaped"/>.</summary>
internal sealed class UpdateBatch(ResourceCounters counters)
{
    /// <summary>Ids and names go into logs, metrics and every update.</summary>
    private const int MaxNameCharacters = 200;

    /// <summary>Each is an object of some hundred bytes, which a host makes with three; far more than any answer has, and hours of spoken audio in pieces.</summary>
    private const int MaxObjects = 20_000;

    private static readonly HarborUpdate NoUpdate;
    private static readonly byte[] Replacement = "\uFFFD"u8.ToArray();

    // Owner: this batch; none while a stream idles. An event has one or two.
    private HarborUpdate[] _updates = ArrayPool<HarborUpdate>.Shared.Rent(4);
    private KeyValuePair<string, object?>[] _properties = [];
    private int _count;
    private int _next;
    private int _eventStart;
    private int _eventBytes;
    private int _objects;

    // The first half of a surrogate pair that ended the latest piece of text, and of reasoning.
    private char _textHalf;
    private char _reasoningHalf;

    private bool _isDescribed;

    // Owner: this batch, so the attempt's reader. Created when a text with escapes comes.
    private PooledBuffer? _unescaped;

    // Owner: this batch. Created by the first event of a stream.
    private EventFrame? _frame;

    /// <summary>How the next event of a stream may be recognised without reading it.</summary>
    internal EventFrame Frame => _frame ??= new EventFrame(counters);

    internal bool IsEmpty => _next == _count;

    /// <summary>The update that was taken last; good until the next is taken or an event is read into the batch.</summary>
    internal ref readonly HarborUpdate Taken => ref _next == 0 ? ref NoUpdate : ref _updates[_next - 1];

    internal bool TryTake()
    {
        if (_next == _count) return false;
        _next++;
        return true;
    }

    /// <summary>Whether anything a caller waits for is among the updates not yet taken.</summary>
    internal bool HasContent { get; private set; }

    /// <summary>The token counts among the updates not yet taken; null where there are none.</summary>
    internal UsageDetails? LatestUsage
    {
        get
        {
            for (int i = _count - 1; i >= _next; i--)
            {
                if (_updates[i].Kind == HarborUpdateKind.Usage) return (UsageDetails)_updates[i].Value!;
            }

            return null;
        }
    }

    /// <summary>What the host has said so far of the answer as a whole.</summary>
    internal AnswerIdentity? Identity { get; private set; }

    /// <summary>Called before an event is read into the batch: forgets what was taken. Texts of updates not yet taken must not exist.</summary>
    internal void BeginEvent(int eventBytes)
    {
        if (IsEmpty)
        {
            _next = _count = 0;
            HasContent = false;
            _unescaped?.Clear();
        }

        // Unescaping never makes a text longer, so an event's texts fit without the buffer moving under earlier slices.
        _unescaped?.EnsureFree(eventBytes);
        _eventBytes = eventBytes;
        _eventStart = _count;
    }

    /// <summary>Called before a wait for more bytes: an idle stream holds no array. What was taken is forgotten; where something is left to be taken, nothing happens.</summary>
    internal void Rest()
    {
        if (!IsEmpty || _updates.Length == 0) return;
        ArrayPool<HarborUpdate>.Shared.Return(_updates, clearArray: true);
        _updates = [];
        _next = _count = 0;
    }

    internal void Add(in HarborUpdate update)
    {
        if (update is { Kind: HarborUpdateKind.Finish, Value: string { Length: > MaxNameCharacters } word })
        {
            Add(new HarborUpdate(HarborUpdateKind.Finish, Shortened(word)));
            return;
        }

        if (update.IsContent)
        {
            HasContent = true;
            if (update.Kind == HarborUpdateKind.Content) CountObjects(1);
        }
        else if (_count > _next && update.Kind != HarborUpdateKind.ToolCallEnd && _updates[_count - 1].Kind == update.Kind)
        {
            // Usage, identity and finish reason replace their predecessors: a host that repeats them before any content must not fill the batch.
            _updates[_count - 1] = update;
            _frame?.DoesMore();
            return;
        }

        if (_count == _updates.Length) Grow();
        _updates[_count++] = update;
    }

    /// <summary>Counts annotations before they are made into objects; contents count themselves.</summary>
    /// <exception cref="JsonException">The answer has more than any answer has.</exception>
    internal void CountObjects(int count)
    {
        _objects += count;
        if (_objects > MaxObjects) throw new JsonException($"it has more than {MaxObjects:N0} annotations and contents that are neither text nor tool calls");
    }

    /// <summary>
    /// Who answers comes before what the same event answers, whatever the order of its members: the first update that is shown has to carry it. What
    /// is empty keeps what was known.
    /// </summary>
    internal void Introduce(string? id, string? model, DateTimeOffset? created = null, string? conversationId = null)
    {
        if (string.IsNullOrEmpty(id) && string.IsNullOrEmpty(model) && !_isDescribed) return;
        _isDescribed = false;
        Identity = new AnswerIdentity(
            string.IsNullOrEmpty(id) ? Identity?.ResponseId : Shortened(id),
            string.IsNullOrEmpty(model) ? Identity?.Model : Shortened(model),
            created ?? Identity?.CreatedAt)
        {
            ConversationId = string.IsNullOrEmpty(conversationId) ? Identity?.ConversationId : Shortened(conversationId),
            Properties = _properties,
        };
        if (_count == _updates.Length) Grow();
        Array.Copy(_updates, _eventStart, _updates, _eventStart + 1, _count - _eventStart);
        _updates[_eventStart] = new HarborUpdate(HarborUpdateKind.Identity, Identity);
        _count++;
    }

    /// <summary>Says something else of the answer as a whole; <see cref="Introduce"/> carries it on. A name is given once.</summary>
    internal void Describe(string name, object? value)
    {
        _properties = [.. _properties, new KeyValuePair<string, object?>(name, value)];
        _isDescribed = true;
    }

    /// <summary>Adds the JSON string the reader stands on, if it is not empty.</summary>
    internal void AddText(HarborUpdateKind kind, ref Utf8JsonReader json, ReadOnlyMemory<byte> source, int index = 0, object? value = null)
    {
        ReadOnlyMemory<byte> text = kind == HarborUpdateKind.Reasoning ? TextOf(ref json, source, ref _reasoningHalf) : TextOf(ref json, source, ref _textHalf);
        if (text.Length > 0 || value is not null) Add(new HarborUpdate(kind, text, index, value));
    }

    /// <summary>Adds a text that was found without a reader.</summary>
    internal void AddText(HarborUpdateKind kind, RawText raw, ReadOnlyMemory<byte> source)
    {
        ReadOnlyMemory<byte> text = kind == HarborUpdateKind.Reasoning ? TextOf(raw, source, ref _reasoningHalf) : TextOf(raw, source, ref _textHalf);
        if (text.Length > 0) Add(new HarborUpdate(kind, text));
    }

    /// <summary>From a property name: adds its value where that is a string; anything else is skipped.</summary>
    internal void AddTextValue(HarborUpdateKind kind, ref Utf8JsonReader json, ReadOnlyMemory<byte> source)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.String) AddText(kind, ref json, source);
        else json.Skip();
    }

    /// <summary>The answer has ended: a half that still waits for its other half shows as U+FFFD.</summary>
    internal void EndText()
    {
        if (_reasoningHalf != '\0') Add(new HarborUpdate(HarborUpdateKind.Reasoning, Replacement));
        if (_textHalf != '\0') Add(new HarborUpdate(HarborUpdateKind.Text, Replacement));
        _reasoningHalf = _textHalf = '\0';
    }

    /// <summary>The JSON string the reader stands on, unescaped: a slice of the event where it has no escapes.</summary>
    internal ReadOnlyMemory<byte> TextOf(ref Utf8JsonReader json, ReadOnlyMemory<byte> source)
    {
        char half = '\0';
        return TextOf(ref json, source, ref half);
    }

    /// <summary>The same for a text that was found without a reader.</summary>
    internal ReadOnlyMemory<byte> TextOf(RawText text, ReadOnlyMemory<byte> source)
    {
        char half = '\0';
        return TextOf(text, source, ref half);
    }

    /// <summary>The event before with another text, where that is all its dialect makes of it.</summary>
    internal void Repeat(RawText text, ReadOnlyMemory<byte> source)
    {
        if (Frame.Kind != HarborUpdateKind.ToolCall) AddText(Frame.Kind, text, source);
        else if (TextOf(text, source) is { Length: > 0 } piece) Add(new HarborUpdate(HarborUpdateKind.ToolCall, piece, Frame.Index));
    }

    /// <summary>The event being read does what its updates do not show, or what each event with the same members does again: the next is read in full.</summary>
    internal void DoesMore() => _frame?.DoesMore();

    /// <summary>The event has been read in full: the next one may be recognised by it.</summary>
    internal void LearnFrame(ReadOnlyMemory<byte> data) => _frame?.Learn(data.Span, _count - _eventStart == 1 ? _updates[_eventStart] : null);

    private void Grow()
    {
        HarborUpdate[] larger = ArrayPool<HarborUpdate>.Shared.Rent(Math.Max(4, _count * 2));
        _updates.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<HarborUpdate>.Shared.Return(_updates, clearArray: true);
        _updates = larger;
    }

    private static string Shortened(string name) => name.Length > MaxNameCharacters ? name[..MaxNameCharacters] : name;

    private ReadOnlyMemory<byte> TextOf(ref Utf8JsonReader json, ReadOnlyMemory<byte> source, ref char half)
    {
        var raw = new RawText((int)json.TokenStartIndex + 1, json.ValueSpan.Length, json.ValueIsEscaped);
        ReadOnlyMemory<byte> text = TextOf(raw, source, ref half);

        // A reader over a part of the event counts from elsewhere.
        if (source.Length == _eventBytes) _frame?.AddText(raw, text);
        else _frame?.DoesMore();
        return text;
    }

    private ReadOnlyMemory<byte> TextOf(RawText text, ReadOnlyMemory<byte> source, ref char half)
    {
        ReadOnlyMemory<byte> raw = source.Slice(text.Start, text.Length);
        if (!text.IsEscaped && (half == '\0' || raw.Length == 0)) return raw;
        _unescaped ??= new PooledBuffer(counters, Math.Max(512, _eventBytes));
        int start = _unescaped.Length;
        JsonText.Unescape(raw.Span, _unescaped, ref half);
        return _unescaped.Memory[start..];
    }

    internal void Release()
    {
        ArrayPool<HarborUpdate>.Shared.Return(_updates, clearArray: true);
        _updates = [];
        _count = _next = 0;
        _unescaped?.Return();
        _frame?.Release();
    }
}
