using System.Buffers;

namespace HarborClient.Pools;

// Hot path: a request of 100 KB is two of these.

/// <summary>One piece of a long request body. A body holds it from <see cref="SegmentPool.Rent"/> to its own return.</summary>
internal sealed class BodySegment : ReadOnlySequenceSegment<byte>
{
    internal BodySegment(int bytes)
    {
        Array = GC.AllocateUninitializedArray<byte>(bytes);
        Memory = Array;
    }

    internal byte[] Array { get; }

    /// <summary>Counts how often the segment was given back: whoever remembers another number reads what is not theirs any more.</summary>
    internal int Generation { get; private set; }

    /// <summary>The next one that nobody uses, while this one is in the pool.</summary>
    internal BodySegment? NextFree { get; set; }

    internal BodySegment? Following => (BodySegment?)Next;

    /// <summary>Ends this segment after its first bytes and lets another one follow.</summary>
    internal void Continue(int length, BodySegment next)
    {
        Memory = Array.AsMemory(0, length);
        next.RunningIndex = RunningIndex + length;
        Next = next;
    }

    internal void Reset()
    {
        Generation++;
        Memory = Array;
        RunningIndex = 0;
        Next = null;
        PooledBuffer.Poison(Array);
    }
}
