namespace HarborClient.Testing;

internal sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
{
    internal static readonly IComparer<ManualTimer> ByDueTime =
        Comparer<ManualTimer>.Create((left, right) => left.DueAt != right.DueAt ? left.DueAt.CompareTo(right.DueAt) : left._order.CompareTo(right._order));

    private static long LastOrder;

    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    // All below are guarded by the owner's lock. Timers due at the same time fire in the order they were armed.
    private long _order;

    internal TimeSpan SetFor { get; private set; }

    internal TimeSpan DueAt { get; private set; }

    internal TimeSpan Period { get; set; } = Timeout.InfiniteTimeSpan;

    internal bool IsDisposed { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        RequireTime(dueTime, nameof(dueTime));
        RequireTime(period, nameof(period));
        return owner.Arm(this, dueTime, period);
    }

    public void Dispose() => owner.Disarm(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    internal void Schedule(TimeSpan setFor, TimeSpan dueAt)
    {
        SetFor = setFor;
        DueAt = dueAt;
        _order = Interlocked.Increment(ref LastOrder);
    }

    internal void Fire()
    {
        if (_context is null)
        {
            callback(state);
        }
        else
        {
            ExecutionContext.Run(_context, static self => ((ManualTimer)self!).Invoke(), this);
        }
    }

    private static void RequireTime(TimeSpan time, string name)
    {
        if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name, time, "A timer takes a positive time or Timeout.InfiniteTimeSpan.");
        }
    }

    private void Invoke() => callback(state);
}
