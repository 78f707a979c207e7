using System.Numerics;

namespace HarborClient.Routing;

/// <summary>How long a target lets one wait for the first piece of an answer, by the size of the input: the latest times of each power of two. Thread-safe.</summary>
internal sealed class FirstUpdateTimes
{
    /// <summary>Inputs of 16 million tokens and more share the last group; no model takes them.</summary>
    private const int Groups = 25;

    /// <summary>The times that are kept of one group: enough that the 95th percentile is not the maximum, and 256 bytes.</summary>
    private const int Kept = 64;

    /// <summary>Fewer say nothing about one in twenty.</summary>
    private const int Fewest = 20;

    private const double Share = 0.95;

    private readonly Ring?[] _groups = new Ring?[Groups];

    /// <summary>Notes one time.</summary>
    internal void Add(long inputTokens, TimeSpan time)
    {
        ref Ring? group = ref _groups[GroupOf(inputTokens)];
        Ring ring = Volatile.Read(ref group) ?? Interlocked.CompareExchange(ref group, new Ring(), null) ?? group;
        lock (ring)
        {
            ring.Seconds[ring.Count % Kept] = (float)time.TotalSeconds;
            ring.Count++;
        }
    }

    /// <summary>The time that all but one in twenty stayed under; null while too few are known.</summary>
    internal TimeSpan? P95(long inputTokens)
    {
        if (Volatile.Read(ref _groups[GroupOf(inputTokens)]) is not { } ring) return null;
        Span<float> seconds = stackalloc float[Kept];
        lock (ring)
        {
            if (ring.Count < Fewest) return null;
            seconds = seconds[..(int)Math.Min(ring.Count, Kept)];
            ring.Seconds.AsSpan(0, seconds.Length).CopyTo(seconds);
        }

        seconds.Sort();

        // Of n times, the next one is above the k-th with a chance of 1 - k / (n + 1).
        return TimeSpan.FromSeconds(seconds[Math.Min(seconds.Length, (int)Math.Ceiling((seconds.Length + 1) * Share)) - 1]);
    }

    private static int GroupOf(long inputTokens) => inputTokens <= 1 ? 0 : Math.Min(BitOperations.Log2((ulong)inputTokens), Groups - 1);

    // Guarded by a lock on itself.
    private sealed class Ring
    {
        internal readonly float[] Seconds = new float[Kept];
        internal long Count;
    }
}
