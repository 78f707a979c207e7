namespace HarborClient.Routing;

/// <summary>How a target does for one alias; what it does for others is in its <see cref="TargetFigures"/> only. Thread-safe.</summary>
internal sealed class VariantFigures(string alias, string target, VariantRole role, double share)
{
    // All by Interlocked.
    private long _calls;
    private long _errors;
    private long _skipped;
    private long _durationTicks;
    private long _streamed;
    private long _firstUpdateTicks;
    private long _nanoUsd;
    private long _unpriced;

    internal string Alias => alias;

    internal VariantStatus Status
    {
        get
        {
            long calls = Interlocked.Read(ref _calls);
            long streamed = Interlocked.Read(ref _streamed);
            return new VariantStatus
            {
                Alias = alias,
                Target = target,
                Role = role,
                Share = share,
                Calls = calls,
                Errors = Interlocked.Read(ref _errors),
                Skipped = Interlocked.Read(ref _skipped),
                MeanTimeToFirstUpdate = streamed == 0 ? null : TimeSpan.FromTicks(Interlocked.Read(ref _firstUpdateTicks) / streamed),
                Cost = new Money(Interlocked.Read(ref _nanoUsd)),
                Unpriced = Interlocked.Read(ref _unpriced),
                MeanDuration = calls == 0 ? null : TimeSpan.FromTicks(Interlocked.Read(ref _durationTicks) / calls),
            };
        }
    }

    /// <summary>It answered.</summary>
    /// <param name="duration">To the end of the answer.</param>
    /// <param name="firstUpdate">To its first piece, where it was streamed.</param>
    internal void Answered(TimeSpan duration, TimeSpan? firstUpdate)
    {
        Interlocked.Add(ref _durationTicks, duration.Ticks);
        Interlocked.Increment(ref _calls);
        if (firstUpdate is not { } first) return;
        Interlocked.Add(ref _firstUpdateTicks, first.Ticks);
        Interlocked.Increment(ref _streamed);
    }

    /// <summary>An attempt at it has been paid for; null where it has no price.</summary>
    internal void Spent(Money? cost)
    {
        if (cost is { } known) Interlocked.Add(ref _nanoUsd, known.NanoUsd);
        else Interlocked.Increment(ref _unpriced);
    }

    /// <summary>It was asked, and there was an error.</summary>
    internal void Failed() => Interlocked.Increment(ref _errors);

    /// <summary>It was not asked although it was its turn.</summary>
    internal void Skipped() => Interlocked.Increment(ref _skipped);
}
