using System.Buffers;

namespace HarborClient.Pools;

// Hot path: one per attempt.

/// <summary>
/// A request body in pooled memory, reference-counted: one count for the attempt, one for every running serialization. A handler may still be writing
/// the body after its SendAsync returned (an HTTP/2 host that answers 429 early and keeps reading); returning the memory then would send it the next
/// call's prompt. It returns to the pool at zero.
/// </summary>
/// <remarks>A short body is one array that grows. A long one is a chain of segments, so that no length needs a large array or is copied to become longer.</remarks>
internal sealed partial class PooledBody : IBufferWriter<byte>
{
    /// <summary>Up to this a body is one array, so that thousands of short requests in flight hold little more than their bytes.</summary>
    private const int MaxArrayBytes = SegmentPool.SegmentBytes / 2;

    private readonly ResourceCounters _counters;

    // Owner: the attempt; counted once more while a handler serializes it.
    private int _references = 1;

    // Where writing goes on: the array of a short body, or that of the last segment.
    private byte[] _array;
    private int _length;
    private BodySegment? _first;
    private BodySegment? _last;

    internal PooledBody(ResourceCounters counters, int initialBytes)
    {
        _counters = counters;
        _array = ArrayPool<byte>.Shared.Rent(initialBytes);
        counters.BufferRented();
    }

    /// <summary>Whether nobody reads or sends the body any more.</summary>
    internal bool IsReturned => Volatile.Read(ref _references) == 0;

    internal long Length => (_last?.RunningIndex ?? 0) + _length;

    /// <summary>What was written. Read by whoever holds a count.</summary>
    internal ReadOnlySequence<byte> Content
    {
        get
        {
            CheckRented();
            return _first is null ? new ReadOnlySequence<byte>(_array, 0, _length) : new ReadOnlySequence<byte>(_first, 0, _last!, _length);
        }
    }

    /// <summary>A short body, which is one array. Read by whoever holds a count.</summary>
    internal bool IsArray(out ArraySegment<byte> array)
    {
        CheckRented();
        array = _first is null ? new ArraySegment<byte>(_array, 0, _length) : default;
        return _first is null;
    }

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureFree(Math.Max(sizeHint, 1));
        return _array.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureFree(Math.Max(sizeHint, 1));
        return _array.AsSpan(_length);
    }

    /// <summary>Counts one more user; false when the body has already gone back, and may not be read any more.</summary>
    internal bool TryAddReference()
    {
        int seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            int before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen) return true;
            seen = before;
        }

        return false;
    }

    internal void Release()
    {
        CheckRented();
        if (Interlocked.Decrement(ref _references) != 0) return;
        BodySegment? segment = _first;
        if (segment is null) PooledBuffer.Keep(_array);
        _first = _last = null;
        _array = [];
        _length = 0;
        while (segment is not null)
        {
            BodySegment? next = segment.Following;
            SegmentPool.Return(segment);
            segment = next;
        }

        _counters.BufferReturned();
    }

    private void EnsureFree(int bytes)
    {
        CheckRented();
        if (_array.Length - _length >= bytes) return;
        if (_last is null && (long)_length + bytes <= MaxArrayBytes) Enlarge(bytes);
        else AddSegment(bytes);
    }

    private void Enlarge(int bytes)
    {
        // By four: a request that outgrows the first array is seldom only twice as long.
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Min(MaxArrayBytes, Math.Max(_array.Length * 4, _length + bytes)));
        MoveTo(larger);
    }

    private void AddSegment(int bytes)
    {
        if (_last is null)
        {
            _first = _last = SegmentPool.Rent(_length);
            RememberGeneration();
            MoveTo(_last.Array);
            if (_array.Length - _length >= bytes) return;
        }

        BodySegment next = SegmentPool.Rent(bytes);
        _last.Continue(_length, next);
        _last = next;
        _array = next.Array;
        _length = 0;
    }

    private void MoveTo(byte[] larger)
    {
        _array.AsSpan(0, _length).CopyTo(larger);
        PooledBuffer.Keep(_array);
        _array = larger;
    }

    // Only in Debug builds; in others the calls are not there.
    partial void RememberGeneration();

    partial void CheckRented();
}
