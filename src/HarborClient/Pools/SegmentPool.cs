namespace HarborClient.Pools;

/// <summary>
/// The segments of long request bodies, for the whole process. Kept are at most <see cref="MaxKept"/> of 64 KiB, 12.5 MiB together: two requests with an
/// image of 4 MB in flight, or 100 of an agent's. What is needed beyond is made anew and left to the collector.
/// </summary>
internal static class SegmentPool
{
    /// <summary>Under the size from which arrays are collected late and never moved (85,000 bytes).</summary>
    internal const int SegmentBytes = 64 << 10;

    private const int MaxKept = 200;

    private static readonly Lock Guard = new();

    // Guarded by Guard.
    private static BodySegment? _free;
    private static int _kept;

    /// <summary>A segment of at least that size. One that is larger than the usual is not kept when it is returned.</summary>
    internal static BodySegment Rent(int bytes)
    {
        if (bytes > SegmentBytes) return new BodySegment(bytes);
        lock (Guard)
        {
            if (_free is { } segment)
            {
                _free = segment.NextFree;
                segment.NextFree = null;
                _kept--;
                return segment;
            }
        }

        return new BodySegment(SegmentBytes);
    }

    internal static void Return(BodySegment segment)
    {
        segment.Reset();
        if (segment.Array.Length != SegmentBytes) return;
        lock (Guard)
        {
            if (_kept >= MaxKept) return;
            segment.NextFree = _free;
            _free = segment;
            _kept++;
        }
    }

    /// <summary>Forgets all that nobody uses.</summary>
    internal static void Clear()
    {
        lock (Guard)
        {
            _free = null;
            _kept = 0;
        }
    }
}
