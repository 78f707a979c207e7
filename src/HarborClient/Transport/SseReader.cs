using HarborClient.Errors;
using HarborClient.Pools;

namespace HarborClient.Transport;

// Hot path: every byte of a stream is looked at here, once, and copied nowhere unless an event has several data lines.

/// <summary>
/// Server-Sent Events over bytes, beginning with those already in the buffer (WHATWG HTML, "Interpreting an event stream"), pulled: <see cref="TryRead"/> takes events out of what is buffered,
/// <see cref="BeginFill"/> asks for more. Survives every split, LF, CRLF and CR, comments, a BOM and a last event without its blank line. A host that
/// fails in mid-stream may go on in bare JSON: what begins so where an event could begin is the last event's data, up to the end of the body.
/// </summary>
internal sealed class SseReader(Stream stream, PooledBuffer buffer, bool isAtEnd, int maxEventBytes, long maxTotalBytes)
{
    /// <summary>Field names and line breaks around an event's data do not count towards its limit, up to here.</summary>
    private const int FramingSlackBytes = 1024;

    /// <summary>Room for one read of a stream that comes faster than it is read. One that is waited for begins with little, which is what it holds while it is idle.</summary>
    private const int BurstReadBytes = 4096;

    /// <summary>The data of the event that <see cref="TryRead"/> delivered; valid until the next call of either method.</summary>
    private ReadOnlyMemory<byte> _data;

    // Offsets into the buffer. Everything before _eventStart has been consumed.
    private int _eventStart;
    private int _lineStart;
    private int _scanned;
    private int _dataStart;
    private int _dataLength = -1;
    private List<Range>? _moreData;

    private bool _isFirstLine = true;
    private bool _isBareJson;
    private bool _skipsLineFeed;
    private long _total = buffer.Length;
    private int _readBytes = 1;

    internal ReadOnlyMemory<byte> Data => _data;

    /// <summary>Whether the host has ended the body.</summary>
    internal bool IsAtEnd { get; private set; } = isAtEnd;

    /// <summary>Whether the last event came without the blank line that ends an event: what it says may have been cut.</summary>
    internal bool IsUnterminated { get; private set; }

    /// <summary>Takes the next event that has data out of the buffered bytes.</summary>
    /// <returns>False when more bytes are needed, or at the end of the body.</returns>
    internal bool TryRead()
    {
        if (_dataLength < 0) _eventStart = _lineStart;
        ReadOnlySpan<byte> bytes = buffer.Span;
        while (true)
        {
            if (_isBareJson) return IsAtEnd && TakeBareJson(bytes);
            if (_skipsLineFeed && _lineStart < bytes.Length)
            {
                _skipsLineFeed = false;
                if (bytes[_lineStart] == (byte)'\n') _scanned = ++_lineStart;
            }

            int found = bytes[_scanned..].IndexOfAny((byte)'\n', (byte)'\r');
            if (found < 0)
            {
                _scanned = bytes.Length;
                return IsAtEnd && TakeLast(bytes);
            }

            int end = _scanned + found;
            _skipsLineFeed = bytes[end] == (byte)'\r';
            int start = _lineStart;
            _lineStart = _scanned = end + 1;
            if (start == end)
            {
                if (Dispatch(bytes)) return true;
                _eventStart = _lineStart;
            }
            else if (_dataLength < 0 && bytes[start] is (byte)'{' or (byte)'[')
            {
                BeginBareJson(start);
            }
            else
            {
                TakeLine(bytes, start, end);
            }
        }
    }

    /// <summary>Starts a read of more bytes; hand its result to <see cref="Accept"/>.</summary>
    internal ValueTask<int> BeginFill(CancellationToken cancellationToken)
    {
        MakeRoom();
        return stream.ReadAsync(buffer.Free, cancellationToken);
    }

    /// <summary>Takes in what a read delivered. At the end of the body <see cref="IsAtEnd"/> is set, and <see cref="TryRead"/> delivers what is left.</summary>
    internal void Accept(int count)
    {
        if (count == 0)
        {
            IsAtEnd = true;
            return;
        }

        buffer.Advance(count);
        if (buffer.Free.IsEmpty) _readBytes = BurstReadBytes;
        _total += count;
        if (_total > maxTotalBytes) throw ErrorFactory.AnswerTooLarge(maxTotalBytes);
    }

    private void MakeRoom()
    {
        if (_dataLength < 0) _eventStart = _lineStart;
        if (buffer.Length - _eventStart > maxEventBytes + FramingSlackBytes) throw ErrorFactory.EventTooLarge(maxEventBytes);
        int shift = _eventStart;
        buffer.DropFront(shift);
        _eventStart = 0;
        _lineStart -= shift;
        _scanned -= shift;
        _dataStart -= shift;
        for (int i = 0; shift > 0 && i < (_moreData?.Count ?? 0); i++) _moreData![i] = (_moreData[i].Start.Value - shift)..(_moreData[i].End.Value - shift);
        buffer.EnsureFree(_readBytes);
    }

    private bool TakeLast(ReadOnlySpan<byte> bytes)
    {
        if (_dataLength < 0 && _lineStart < bytes.Length && bytes[_lineStart] is (byte)'{' or (byte)'[')
        {
            BeginBareJson(_lineStart);
            return TakeBareJson(bytes);
        }

        if (_lineStart < bytes.Length) TakeLine(bytes, _lineStart, bytes.Length);
        _lineStart = _scanned = bytes.Length;
        if (!Dispatch(bytes)) return false;
        IsUnterminated = true;
        return true;
    }

    /// <summary>No field's name begins so; from here on the body is one JSON text.</summary>
    private void BeginBareJson(int start)
    {
        _isBareJson = true;
        _dataStart = _eventStart = _lineStart = start;
    }

    private bool TakeBareJson(ReadOnlySpan<byte> bytes)
    {
        if (_lineStart == bytes.Length) return false;
        _dataLength = bytes.Length - _dataStart;
        _lineStart = _scanned = bytes.Length;
        IsUnterminated = true;
        return Dispatch(bytes);
    }

    private void TakeLine(ReadOnlySpan<byte> bytes, int start, int end)
    {
        if (_isFirstLine)
        {
            _isFirstLine = false;
            if (bytes[start..end].StartsWith("\uFEFF"u8)) start += 3;
        }

        // Field names other than data (event, id, retry, unknown ones) and comments carry nothing that a provider's data does not repeat.
        ReadOnlySpan<byte> line = bytes[start..end];
        if (!line.StartsWith("data"u8)) return;
        int value = start + 4;
        if (line.Length > 4)
        {
            if (line[4] != (byte)':') return;
            value++;
            if (line.Length > 5 && line[5] == (byte)' ') value++;
        }

        if (_dataLength < 0)
        {
            _dataStart = value;
            _dataLength = end - value;
        }
        else
        {
            (_moreData ??= []).Add(value..end);
        }
    }

    private bool Dispatch(ReadOnlySpan<byte> bytes)
    {
        if (_dataLength < 0) return false;
        if (_dataLength > maxEventBytes) throw ErrorFactory.EventTooLarge(maxEventBytes);
        _data = _moreData is { Count: > 0 } ? Join(bytes) : buffer.Memory.Slice(_dataStart, _dataLength);
        _dataLength = -1;
        return true;
    }

    private byte[] Join(ReadOnlySpan<byte> bytes)
    {
        using var joined = new MemoryStream();
        joined.Write(bytes.Slice(_dataStart, _dataLength));
        foreach (Range more in _moreData!)
        {
            joined.WriteByte((byte)'\n');
            joined.Write(bytes[more]);
        }

        _moreData.Clear();
        return joined.ToArray();
    }
}
