namespace HarborClient;

/// <summary>How a scheduled refresh does. Immutable.</summary>
public sealed record CacheScheduleStatus
{
    /// <summary>Runs that have ended.</summary>
    public int Runs { get; init; }

    /// <summary>Those of them that failed.</summary>
    public int Failures { get; init; }

    /// <summary>Whether one runs now.</summary>
    public bool IsRunning { get; init; }

    /// <summary>When the last run began.</summary>
    /// <value><see langword="null"/> until the first one has.</value>
    public DateTimeOffset? LastRun { get; init; }

    /// <summary>When the next run begins.</summary>
    /// <value><see langword="null"/> while one runs, and when the schedule has ended.</value>
    public DateTimeOffset? NextRun { get; init; }

    /// <summary>What the last run that has ended failed with.</summary>
    /// <value><see langword="null"/> where it did not fail.</value>
    public Exception? LastError { get; init; }
}
