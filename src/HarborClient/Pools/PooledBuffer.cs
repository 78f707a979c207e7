using System.Buffers;
using System.Diagnostics;

namespace HarborClient.Pools;

// Hot path: every byte of an answer passes through one of these.

/// <summary>A growing byte buffer over the shared array pool. One owner; not thread-safe; <see cref="Return"/> exactly once.</summary>
internal sealed class PooledBuffer(ResourceCounters counters, int initialBytes) : IBufferWriter<byte>
{
    /// <summary>Arrays over this size are left to the collector instead of being kept in the pool.</summary>
    internal const int MaxKeptBytes = 64 << 10;

    /// <summary>When on, returned arrays are overwritten, so that a test sees anybody who still reads them. Off unless the switch is set.</summary>
    private static readonly bool PoisonOnReturn = AppContext.TryGetSwitch("HarborClient.PoisonReturnedBuffers", out bool on) && on;

    private byte[] _array = Rent(counters, initialBytes);
    private int _length;
    private bool _isReturned;

    internal int Length => _length;

    internal ReadOnlyMemory<byte> Memory => _array.AsMemory(0, _length);

    internal ReadOnlySpan<byte> Span => _array.AsSpan(0, _length);

    internal Memory<byte> Free => _array.AsMemory(_length);

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureFree(Math.Max(sizeHint, 1));
        return Free;
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureFree(Math.Max(sizeHint, 1));
        return _array.AsSpan(_length);
    }

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        EnsureFree(bytes.Length);
        bytes.CopyTo(_array.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Forgets the content and keeps the array.</summary>
    internal void Clear() => _length = 0;

    /// <summary>Drops the first <paramref name="count"/> bytes and moves the rest to the front.</summary>
    internal void DropFront(int count)
    {
        if (count == 0) return;
        _array.AsSpan(count, _length - count).CopyTo(_array);
        _length -= count;
    }

    internal void EnsureFree(int bytes)
    {
        CheckRented();
        if (_array.Length - _length >= bytes) return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(checked((int)Math.Min(Array.MaxLength, Math.Max((long)_array.Length * 2, (long)_length + bytes))));
        _array.AsSpan(0, _length).CopyTo(larger);
        Keep(_array);
        _array = larger;
    }

    internal void Return()
    {
        byte[] array = _array;
        if (array.Length == 0) return;
        _array = [];
        _length = 0;
        _isReturned = true;
        Keep(array);
        counters.BufferReturned();
    }

    /// <summary>Gives an array back to the shared pool, unless it is a large one.</summary>
    internal static void Keep(byte[] array)
    {
        Poison(array);
        if (array.Length <= MaxKeptBytes) ArrayPool<byte>.Shared.Return(array);
    }

    /// <summary>Overwrites what is given back, where the switch is set.</summary>
    internal static void Poison(byte[] array)
    {
        if (PoisonOnReturn) array.AsSpan().Fill(0xDD);
    }

    private static byte[] Rent(ResourceCounters counters, int bytes)
    {
        counters.BufferRented();
        return ArrayPool<byte>.Shared.Rent(bytes);
    }

    /// <summary>A buffer that grew after its return would keep its new array for ever.</summary>
    [Conditional("DEBUG")]
    private void CheckRented()
    {
        if (_isReturned) throw new InvalidOperationException("A buffer is used after it was given back.");
    }
}
