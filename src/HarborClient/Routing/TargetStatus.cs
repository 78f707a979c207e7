namespace HarborClient;

/// <summary>How one target is doing. A snapshot.</summary>
public sealed class TargetStatus
{
    internal TargetStatus()
    {
    }

    /// <summary>Provider and model, as in <c>openai/gpt-4o-mini</c>; <c>openai/*</c> stands for the names beyond the first 1,000.</summary>
    public required string Target { get; init; }

    /// <summary>The alias that gives the target a breaker of its own (<see cref="ModelMapBuilder.UseCircuitBreaker"/>, <see cref="ModelMapBuilder.Shadow"/>); all else is the same as in the target's own row.</summary>
    /// <value><see langword="null"/> for what the target is outside such aliases.</value>
    public string? Alias { get; init; }

    /// <summary>Whether it is asked.</summary>
    public TargetState State { get; init; }

    /// <summary>The time until it is asked again; zero while the next call may probe it, and while one does.</summary>
    /// <value><see langword="null"/> when it is asked.</value>
    public TimeSpan? AskedAgainIn { get; init; }

    /// <summary>The share of an alias's calls that go here first; of several balanced aliases, the first mapped.</summary>
    /// <value>0 to 1; <see langword="null"/> where no alias balances it.</value>
    public double? Weight { get; init; }

    /// <summary>Attempts under way.</summary>
    public int InFlight { get; init; }

    /// <summary>The most attempts at once that its limits allow now.</summary>
    /// <value><see langword="null"/> while nothing limits them.</value>
    public int? MaximumInFlight { get; init; }

    /// <summary>Most texts in one embedding request, moved together with <see cref="MaximumInFlight"/> by <see cref="LimitOptions.Tuning"/>; the provider's own limit stays in force.</summary>
    /// <value>Between <see cref="TuningOptions.MinimumBatch"/> and <see cref="TuningOptions.MaximumBatch"/>; <see langword="null"/> without a tuning target.</value>
    public int? SuggestedBatch { get; init; }

    /// <summary>Calls that wait for a permit.</summary>
    public int Queued { get; init; }

    /// <summary>Of the attempts that were answered, from the request to the end of the answer; the latest twenty or so.</summary>
    /// <value><see langword="null"/> while there was none.</value>
    public TimeSpan? MeanDuration { get; init; }

    /// <summary>Attempts that have ended.</summary>
    public long Attempts { get; init; }

    /// <summary>Those of them that the host failed: no connection, no answer in time, a broken one, a 5xx.</summary>
    public long Failures { get; init; }

    /// <summary>Attempts beyond the first of a call: retries, other keys, hedges.</summary>
    public long ExtraAttempts { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Join(" ", HealthReport.CellsOf(this).Where(cell => cell.Length > 0));
}
