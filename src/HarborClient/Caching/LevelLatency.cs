namespace HarborClient.Caching;

/// <summary>How long a cache level takes to answer, by the last reads, and how long a call therefore waits for it. Thread-safe; allocates nothing.</summary>
internal sealed class LevelLatency
{
    /// <summary>Of fewer reads nobody knows a 95th percentile.</summary>
    internal const int EnoughReads = 20;

    /// <summary>Enough for a 95th percentile that follows a level which becomes slower within a few late answers.</summary>
    private const int Window = 100;

    /// <summary>The budget is computed anew once in so many reads.</summary>
    private const int Stride = 4;

    private static readonly TimeSpan LeastBudget = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan MostBudget = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();

    // Guarded by _gate; the budget is also read without it.
    private readonly long[] _taken = new long[Window];
    private readonly long[] _sorted = new long[Window];
    private long _reads;
    private long _budget = MostBudget.Ticks;

    internal static TimeSpan LongestBudget => MostBudget;

    /// <summary>Three times the 95th percentile, between 5 and 50 ms; the longest until enough is known.</summary>
    internal TimeSpan Budget => TimeSpan.FromTicks(Volatile.Read(ref _budget));

    /// <summary>An answer came, if only after nobody waited for it any more: a level that has become slower is waited for longer.</summary>
    internal void Add(TimeSpan taken)
    {
        lock (_gate)
        {
            _taken[_reads++ % Window] = taken.Ticks;
            if (_reads < EnoughReads || _reads % Stride != 0) return;
            Volatile.Write(ref _budget, Math.Clamp(3 * Percentile(0.95).Ticks, LeastBudget.Ticks, MostBudget.Ticks));
        }
    }

    /// <summary>The median and the 95th percentile of the last reads; zeros where there were none.</summary>
    internal (TimeSpan Median, TimeSpan Percentile95) Read()
    {
        lock (_gate) return (Percentile(0.5), Percentile(0.95));
    }

    private TimeSpan Percentile(double share)
    {
        int count = (int)Math.Min(_reads, Window);
        if (count == 0) return TimeSpan.Zero;
        Span<long> sorted = _sorted.AsSpan(0, count);
        _taken.AsSpan(0, count).CopyTo(sorted);
        sorted.Sort();
        return TimeSpan.FromTicks(sorted[Math.Min(count - 1, (int)(share * count))]);
    }
}
