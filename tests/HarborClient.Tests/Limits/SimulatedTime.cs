namespace HarborClient.Tests.Limits;

// A clock for simulations that pull: nothing waits on it, so it has no timers.
internal sealed class SimulatedTime : TimeProvider
{
    public double Now { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => (long)(Now * TimeSpan.TicksPerSecond);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException("Simulations do not wait.");
}
