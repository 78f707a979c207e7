namespace HarborClient.Limits;

/// <summary>
/// One rate of every caller of a kind, as GCRA (the generic cell rate algorithm of ATM, ITU-T I.371): a bucket is one time, at which it is full again. All times are
/// timestamps of the client's clock.
/// </summary>
internal sealed class CallerRate(string setting, string unit, long capacity, TimeSpan period, long frequency)
{
    private readonly long _period = (long)(period.TotalSeconds * frequency);

    /// <summary>The setting's name, such as <c>RequestsPerSecond</c>.</summary>
    internal string Setting => setting;

    /// <summary>What it counts, as in "5 requests a second".</summary>
    internal string Unit => unit;

    internal long Capacity => capacity;

    internal bool CountsTokens { get; init; }

    internal LimitBucket Shared { get; } = new(setting, capacity, period);

    /// <summary>How long until an amount may be taken; zero or less: now. More than the capacity passes when the bucket is full.</summary>
    internal long WaitFor(long fullAt, long now, long amount) => Math.Max(fullAt, now) + CostOf(Math.Min(amount, capacity)) - _period - now;

    internal long Take(long fullAt, long now, long amount) => Math.Max(fullAt, now) + CostOf(amount);

    internal long GiveBack(long fullAt, long amount) => fullAt - CostOf(amount);

    /// <summary>The time it takes to refill an amount. Rounded down, so that the capacity itself always fits.</summary>
    private long CostOf(long amount) => (long)((double)amount * _period / capacity);
}
