namespace HarborClient.Costs;

/// <summary>How fast an account spends, and how much it has reserved at once: what a lease has to have room for. Its account guards it: not thread-safe.</summary>
internal sealed class SpendPace(TimeSpan beat)
{
    /// <summary>A call or two that have just ended are no pace.</summary>
    private const double ShortestSeconds = 1;

    /// <summary>For how many renewals a lease should last.</summary>
    private const double Beats = 2;

    private long _spent;
    private long _peak;
    private long _peakBefore;
    private double _perSecond;

    /// <summary>Whether something was reserved since the last beat.</summary>
    internal bool WasUsed { get; private set; }

    /// <summary>What is spent until the renewal after the next.</summary>
    internal long Ahead => (long)Math.Min(_perSecond * beat.TotalSeconds * Beats, long.MaxValue / 4);

    /// <summary>The most that was reserved at once, lately.</summary>
    internal long Peak => Math.Max(_peak, _peakBefore);

    internal void OnReserved(long reserved)
    {
        WasUsed = true;
        if (reserved > _peak) _peak = reserved;
    }

    /// <summary>Takes in what was spent since the last time. A faster pace counts at once, a slower one by halves.</summary>
    internal void Measure(long spent, TimeSpan elapsed)
    {
        double fresh = (spent - _spent) / Math.Max(ShortestSeconds, elapsed.TotalSeconds);
        _perSecond = Math.Max(fresh, _perSecond * Math.Pow(0.5, elapsed / beat));
        _spent = spent;
    }

    internal void OnBeat(long reserved)
    {
        (_peakBefore, _peak, WasUsed) = (_peak, reserved, false);
    }

    /// <summary>A new window has begun: sums start again.</summary>
    internal void Restart() => _spent = 0;
}
