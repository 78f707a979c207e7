namespace HarborClient.Routing;

/// <summary>How the attempts at a target went. Thread-safe.</summary>
internal sealed class TargetFigures
{
    /// <summary>The share of the latest duration in the mean: about the last twenty count.</summary>
    private const double NewestShare = 0.1;

    private long _attempts;
    private long _failures;

    // Seconds; negative while nothing is known.
    private double _mean = -1;

    internal long Attempts => Interlocked.Read(ref _attempts);

    internal long Failures => Interlocked.Read(ref _failures);

    /// <summary>Of the attempts that were answered, the latest counting most; null while there is none.</summary>
    internal TimeSpan? MeanDuration => Volatile.Read(ref _mean) is >= 0 and var mean ? TimeSpan.FromSeconds(mean) : null;

    internal FirstUpdateTimes FirstUpdates { get; } = new();

    internal void Count(AttemptResult result, TimeSpan duration)
    {
        Interlocked.Increment(ref _attempts);
        if (result == AttemptResult.Failed) Interlocked.Increment(ref _failures);
        if (result != AttemptResult.Answered) return;
        double seconds = duration.TotalSeconds;
        double seen = Volatile.Read(ref _mean);
        while (true)
        {
            double next = seen < 0 ? seconds : seen + (NewestShare * (seconds - seen));
            double before = Interlocked.CompareExchange(ref _mean, next, seen);
            if (before.Equals(seen)) return;
            seen = before;
        }
    }
}
