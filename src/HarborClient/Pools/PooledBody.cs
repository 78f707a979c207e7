using System.Buffers;

namespace HarborClient.Pools;

// Hot path: one per attempt.

/// <summary>
/// A request body in a pooled buffer, reference-counted: one count for the attempt, one for every running serialization. A handler may still be writing
/// the body after its SendAsync returned (an HTTP/2 host that answers 429 early and keeps reading); returning the buffer then would send it the next
/// call's prompt. The buffer returns to the pool at zero.
/// </summary>
internal sealed class PooledBody(ResourceCounters counters, int initialBytes) : IBufferWriter<byte>
{
    // Owner: the attempt; counted once more while a handler serializes it.
    private readonly PooledBuffer _buffer = new(counters, initialBytes);
    private int _references = 1;

    /// <summary>Whether nobody reads or sends the body any more.</summary>
    internal bool IsReturned => Volatile.Read(ref _references) == 0;

    internal int Length => _buffer.Length;

    internal ReadOnlyMemory<byte> Memory => _buffer.Memory;

    public void Advance(int count) => _buffer.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _buffer.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _buffer.GetSpan(sizeHint);

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
        if (Interlocked.Decrement(ref _references) == 0) _buffer.Return();
    }
}
