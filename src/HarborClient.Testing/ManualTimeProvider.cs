using HarborClient.Testing.Engine;

namespace HarborClient.Testing;

/// <summary>A clock that stands still until a test moves it: timers, timestamps and the wall clock all follow <see cref="Advance"/>.</summary>
/// <remarks>
/// Thread-safe. Callbacks run on the thread that calls <see cref="Advance"/>, outside the lock and without a synchronization context, as they would
/// on the thread pool; what awaits them with <c>ConfigureAwait(false)</c> therefore usually continues inside the same <see cref="Advance"/>.
/// A timer set for zero fires at once on the thread pool, like the system's.
/// </remarks>
public sealed partial class ManualTimeProvider : TimeProvider
{
    private static readonly TimeSpan SignalGuard = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();

    // All below are guarded by _gate. A waiter that names no due time waits for any timer.
    private readonly SortedSet<ManualTimer> _armed = new(ManualTimer.ByDueTime);
    private readonly List<(TimeSpan? Due, TaskCompletionSource Signal)> _waiters = [];
    private DateTimeOffset _utcNow;
    private TimeSpan _elapsed;

    // Every use of this clock counts: who reads it is at work.
    private long _uses;

    /// <summary>Starts the clock at 2026-01-01T00:00:00Z.</summary>
    public ManualTimeProvider()
        : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>Starts the clock at the given instant.</summary>
    public ManualTimeProvider(DateTimeOffset start) => _utcNow = start.ToUniversalTime();

    /// <summary>How many timers are armed.</summary>
    public int PendingTimers
    {
        get
        {
            lock (_gate)
            {
                return _armed.Count;
            }
        }
    }

    /// <summary>How long each armed timer still has to go, soonest first.</summary>
    public IReadOnlyList<TimeSpan> PendingDues
    {
        get
        {
            lock (_gate)
            {
                return [.. _armed.Select(timer => timer.DueAt - _elapsed)];
            }
        }
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>UTC: a test should not depend on where it runs.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            _uses++;
            return _utcNow;
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_gate)
        {
            _uses++;
            return _elapsed.Ticks;
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Makes the wall clock jump, as after a clock correction. Timestamps and timers do not notice.</summary>
    public void SetUtcNow(DateTimeOffset utcNow)
    {
        lock (_gate)
        {
            _utcNow = utcNow.ToUniversalTime();
        }
    }

    /// <summary>Moves time on, firing every timer that falls due on the way, in due order, with the clock standing at its due time.</summary>
    /// <param name="by">How far; zero fires nothing that is not already due.</param>
    /// <remarks>A callback that arms a timer within the span sees it fire inside the same call. What a callback throws comes out here.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="by"/> is negative.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        TimeSpan target;
        lock (_gate)
        {
            target = _elapsed + by;
        }

        using var hidden = new HiddenSynchronizationContext();
        while (TakeDueTimer(target) is { } timer)
        {
            timer.Fire();
        }
    }

    /// <summary>Completes when a live timer exists that was set for exactly this long; at once if there is one already.</summary>
    /// <param name="due">The time it was set for, counted from its setting, not from now.</param>
    /// <returns>Ends when there is such a timer.</returns>
    /// <remarks>Await it before <see cref="Advance"/>: advancing before the code under test has set its timer would leave it waiting for ever.</remarks>
    /// <exception cref="TimeoutException">No such timer within 10 s of real time; the message lists the timers there are.</exception>
    public async Task TimerSet(TimeSpan due)
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_armed.Any(timer => timer.SetFor == due)) return;
            _waiters.Add((due, signal));
        }

        try
        {
            await signal.Task.WaitAsync(SignalGuard).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"No timer was set for {due} within {SignalGuard.TotalSeconds:0} s. Pending: {DescribeTimers()}.", exception);
        }
        finally
        {
            lock (_gate)
            {
                _waiters.Remove((due, signal));
            }
        }
    }

    internal bool Arm(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _uses++;
            _armed.Remove(timer);
            if (timer.IsDisposed) return false;
            timer.Period = period > TimeSpan.Zero ? period : Timeout.InfiniteTimeSpan;
            if (dueTime > TimeSpan.Zero)
            {
                Add(timer, dueTime, _elapsed + dueTime);
            }
            else if (dueTime == TimeSpan.Zero && timer.Period > TimeSpan.Zero)
            {
                Add(timer, timer.Period, _elapsed + timer.Period);
            }
        }

        if (dueTime == TimeSpan.Zero) ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Fire(), timer, preferLocal: false);
        return true;
    }

    internal void Disarm(ManualTimer timer)
    {
        lock (_gate)
        {
            _uses++;
            timer.IsDisposed = true;
            _armed.Remove(timer);
        }
    }

    private ManualTimer? TakeDueTimer(TimeSpan target)
    {
        lock (_gate)
        {
            ManualTimer? first = _armed.Min;
            if (first is null || first.DueAt > target)
            {
                MoveTo(target);
                return null;
            }

            MoveTo(first.DueAt);
            _armed.Remove(first);
            if (first.Period > TimeSpan.Zero) Add(first, first.Period, first.DueAt + first.Period);
            return first;
        }
    }

    // Never back: another thread, or a callback of this one, may have advanced further meanwhile.
    private void MoveTo(TimeSpan elapsed)
    {
        if (elapsed > _elapsed)
        {
            _utcNow += elapsed - _elapsed;
            _elapsed = elapsed;
        }
    }

    private void Add(ManualTimer timer, TimeSpan setFor, TimeSpan dueAt)
    {
        timer.Schedule(setFor, dueAt);
        _armed.Add(timer);
        foreach ((TimeSpan? due, TaskCompletionSource signal) in _waiters)
        {
            if (due is null || due == setFor) signal.TrySetResult();
        }
    }

    private string DescribeTimers()
    {
        lock (_gate)
        {
            return _armed.Count == 0 ? "none" : string.Join("; ", _armed.Select(timer => $"set for {timer.SetFor}, due in {timer.DueAt - _elapsed}"));
        }
    }
}
