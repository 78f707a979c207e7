using System.Runtime.CompilerServices;
using System.Text.Json;
using HarborClient.Pools;

namespace HarborClient.Providers;

// Hot path: nearly every event of a stream is recognised here, by comparing it with the one before, and not read token by token.

/// <summary>
/// What surrounds the text of an event. The events of a stream differ in their text and their padding only; one that has the same bytes around the same
/// places is the same JSON with another text. An event is learned when it gave one piece of text and did nothing else, and any event that is read in
/// full makes the frame that of this event, or none: so all that happened since it was learned is more text. In the places it takes what
/// <see cref="Utf8JsonReader"/> takes, or nothing, and then the event is read in full.
/// </summary>
internal sealed class EventFrame(ResourceCounters counters)
{
    /// <summary>Longer events are not learned: their text outweighs the rest. Real frames have 100 to 500 bytes.</summary>
    private const int MaxBytes = 1024;

    // In the order in which they stand in the event; between them, before and after, the bytes have to be the same.
    private Holes _holes;
    private int _count;

    // Owner: this frame. The learned event.
    private PooledBuffer? _event;

    // What the event that is being read in full has shown so far.
    private Hole _text;
    private Hole _padding;
    private Hole _number;
    private ReadOnlyMemory<byte> _unescaped;
    private bool _doesMore;

    private enum HoleKind : byte
    {
        None,
        Text,

        /// <summary>The inside of a string that says nothing.</summary>
        Padding,

        /// <summary>The digits of a number that says nothing.</summary>
        Digits,

        /// <summary>Blanks before the last brace, where some hosts put their padding.</summary>
        Blanks,
    }

    /// <summary>What the text of the learned event was.</summary>
    internal HarborUpdateKind Kind { get; private set; }

    /// <summary>Which tool call it belonged to.</summary>
    internal int Index { get; private set; }

    internal void Release() => _event?.Return();

    /// <summary>An event is about to be read.</summary>
    internal void Begin()
    {
        _text = _padding = _number = default;
        _unescaped = default;
        _doesMore = false;
    }

    /// <summary>The event has this text, and it became that.</summary>
    internal void AddText(int start, int length, ReadOnlyMemory<byte> unescaped)
    {
        if (length == 0) return;
        if (_text.Kind != HoleKind.None) DoesMore();
        _text = new Hole(HoleKind.Text, start, start + length);
        _unescaped = unescaped;
    }

    /// <summary>From a property name: steps over a value that differs from event to event and says nothing.</summary>
    internal void SkipPadding(ref Utf8JsonReader json)
    {
        json.Read();
        int start = (int)json.TokenStartIndex;
        if (json.TokenType == JsonTokenType.String) _padding = new Hole(HoleKind.Padding, start + 1, start + 1 + json.ValueSpan.Length);
        else if (json.TokenType == JsonTokenType.Number && JsonScan.IsDigits(json.ValueSpan)) _number = new Hole(HoleKind.Digits, start, start + json.ValueSpan.Length);
        json.Skip();
    }

    /// <summary>The event does what its updates do not show, or what must be done for each event that has it.</summary>
    internal void DoesMore() => _doesMore = true;

    /// <summary>The event has been read, and gave this update alone; null where it gave none or more.</summary>
    internal void Learn(ReadOnlySpan<byte> data, HarborUpdate? only)
    {
        _count = 0;
        if (_doesMore || _text.Kind == HoleKind.None || data.Length > MaxBytes) return;
        if (only is not { Value: null } update || update.Utf8.IsEmpty || !update.Utf8.Equals(_unescaped)) return;
        Kind = update.Kind;
        Index = update.Index;
        _event ??= new PooledBuffer(counters, MaxBytes);
        _event.Clear();
        _event.Append(data);
        Insert(_text);
        Insert(_padding);
        Insert(_number);
        int brace = data.Length - 1;
        if (data[brace] == (byte)'}') Insert(new Hole(HoleKind.Blanks, data[..brace].LastIndexOfAnyExcept((byte)' ') + 1, brace));
    }

    /// <summary>Whether an event is the learned one with another text; finds that text.</summary>
    internal bool TryMatch(ReadOnlySpan<byte> data, out RawText text)
    {
        text = default;
        if (_count == 0) return false;
        ReadOnlySpan<byte> learned = _event!.Span;
        int from = 0;
        int at = 0;
        foreach (ref readonly Hole hole in ((Span<Hole>)_holes)[.._count])
        {
            ReadOnlySpan<byte> same = learned[from..hole.Start];
            if (!data[at..].StartsWith(same)) return false;
            at += same.Length;
            int length = LengthOf(hole.Kind, data[at..], out bool isEscaped);
            if (length < 0) return false;
            if (hole.Kind == HoleKind.Text) text = new RawText(at, length, isEscaped);
            at += length;
            from = hole.End;
        }

        // Beside an empty text the other members may count for more.
        return text.Length > 0 && data[at..].SequenceEqual(learned[from..]);
    }

    private static int LengthOf(HoleKind kind, ReadOnlySpan<byte> rest, out bool isEscaped)
    {
        isEscaped = false;
        return kind switch
        {
            HoleKind.Digits => JsonScan.DigitsLength(rest),
            HoleKind.Blanks => JsonScan.BlanksLength(rest),
            _ => JsonScan.StringLength(rest, out isEscaped),
        };
    }

    private void Insert(Hole hole)
    {
        if (hole.Kind == HoleKind.None) return;
        int position = _count++;
        for (; position > 0 && _holes[position - 1].Start > hole.Start; position--) _holes[position] = _holes[position - 1];
        _holes[position] = hole;
    }

    private readonly record struct Hole(HoleKind Kind, int Start, int End);

    [InlineArray(4)]
    private struct Holes
    {
        private Hole _first;
    }
}
