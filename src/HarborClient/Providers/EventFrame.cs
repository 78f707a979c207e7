using System.Runtime.CompilerServices;
using System.Text.Json;
using HarborClient.Pools;

namespace HarborClient.Providers;

// Hot path: nearly every event of a stream is recognised here, by comparing it with the one before, and not read token by token.

/// <summary>
/// Recognises an event that differs from the one before only in its text, its padding, a number or trailing blanks (the holes). An event is learned when it
/// was read in full and gave exactly one piece of text and nothing else. An event with the same bytes around the holes means the same with another text,
/// and is not read token by token. Any other event is read in full and replaces or clears what was learned. A hole takes only what
/// <see cref="Utf8JsonReader"/> would take there.
/// </summary>
internal sealed class EventFrame(ResourceCounters counters)
{
    /// <summary>Longer events are not learned: their text outweighs the rest. Real frames have 100 to 500 bytes.</summary>
    private const int MaxBytes = 1024;

    /// <summary>A text, a padding, a number and blanks; an event with more of them is not learned.</summary>
    private const int MaxHoles = 4;

    // In the order in which they stand in the event; between them, before and after, the bytes have to be the same. Gathered while an event is read in full.
    private Holes _holes;
    private int _count;

    // Owner: this frame. The learned event.
    private PooledBuffer? _event;
    private bool _isLearned;

    // What the text of the event that is being read in full became.
    private ReadOnlyMemory<byte> _unescaped;
    private bool _hasText;
    private bool _doesMore;

    private enum HoleKind : byte
    {
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

    /// <summary>Whether an event is the learned one with another text; finds that text. Where not, what was learned is forgotten and the event has to be read in full.</summary>
    internal bool TryMatch(ReadOnlySpan<byte> data, out RawText text)
    {
        if (_isLearned && Matches(data, out text)) return true;
        text = default;
        _isLearned = _hasText = _doesMore = false;
        _unescaped = default;
        _count = 0;
        return false;
    }

    /// <summary>The event has this text, and it became that.</summary>
    internal void AddText(RawText text, ReadOnlyMemory<byte> unescaped)
    {
        if (text.Length == 0) return;
        if (_hasText) DoesMore();
        _hasText = true;
        _unescaped = unescaped;
        AddHole(HoleKind.Text, text.Start, text.Length);
    }

    /// <summary>From a property name: steps over a value that differs from event to event and says nothing.</summary>
    internal void SkipPadding(ref Utf8JsonReader json)
    {
        json.Read();
        int start = (int)json.TokenStartIndex;
        if (json.TokenType == JsonTokenType.String) AddHole(HoleKind.Padding, start + 1, json.ValueSpan.Length);
        else if (json.TokenType == JsonTokenType.Number && JsonScan.IsDigits(json.ValueSpan)) AddHole(HoleKind.Digits, start, json.ValueSpan.Length);
        json.Skip();
    }

    /// <summary>The event does what its updates do not show, or what must be done for each event that has it.</summary>
    internal void DoesMore() => _doesMore = true;

    /// <summary>The event has been read, and gave this update alone; null where it gave none or more.</summary>
    internal void Learn(ReadOnlySpan<byte> data, HarborUpdate? only)
    {
        if (_doesMore || !_hasText || data.Length > MaxBytes) return;
        if (only is not { Value: null } update || update.Utf8.IsEmpty || !update.Utf8.Equals(_unescaped)) return;
        int brace = data.Length - 1;
        if (data[brace] == (byte)'}')
        {
            int blanks = data[..brace].LastIndexOfAnyExcept((byte)' ') + 1;
            AddHole(HoleKind.Blanks, blanks, brace - blanks);
        }

        Kind = update.Kind;
        Index = update.Index;
        _event ??= new PooledBuffer(counters, data.Length);
        _event.Clear();
        _event.Append(data);
        _isLearned = !_doesMore;
    }

    private bool Matches(ReadOnlySpan<byte> data, out RawText text)
    {
        text = default;
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

    private void AddHole(HoleKind kind, int start, int length)
    {
        if (_count == MaxHoles || start + length > MaxBytes)
        {
            DoesMore();
            return;
        }

        int position = _count++;
        for (; position > 0 && _holes[position - 1].Start > start; position--) _holes[position] = _holes[position - 1];
        _holes[position] = new Hole(kind, (ushort)start, (ushort)(start + length));
    }

    /// <summary>Offsets into an event of at most <see cref="MaxBytes"/>; longer ones are never learned.</summary>
    private readonly record struct Hole(HoleKind Kind, ushort Start, ushort End);

    [InlineArray(MaxHoles)]
    private struct Holes
    {
        private Hole _first;
    }
}
