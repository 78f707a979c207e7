using HarborClient.Errors;

namespace HarborClient.Pipeline;

// Hot path: one per attempt, touched once per pending read.

/// <summary>
/// The FirstUpdate, Idle and Total clocks of one attempt, on one timer, and the token they cancel. The timer is armed for the earliest due clock; a later
/// due time is not written to it at once: the callback looks at the time and re-arms, so that a read that waits costs one timestamp and no timer change.
/// </summary>
#pragma warning disable CA1001 // A CancellationTokenSource without timer or wait handle holds nothing to dispose, and its token may still be looked at after the attempt.
internal sealed class AttemptClocks
#pragma warning restore CA1001
{
    private const long Never = long.MaxValue;

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancellation = new();
    private readonly CancellationTokenRegistration _callerRegistration;
    private readonly CancellationTokenRegistration _shutdownRegistration;
    private readonly long _totalDue;

    // All guarded by _gate.
    private ITimer? _timer;
    private long _armedFor = Never;
    private long _currentDue = Never;
    private HarborClock _currentClock = HarborClock.FirstUpdate;
    private TimeSpan _currentLimit;
    private HarborClock? _expired;
    private bool _isStopped;

    internal AttemptClocks(TimeProvider time, long totalDue, CancellationToken caller, CancellationToken shutdown)
    {
        _time = time;
        _totalDue = totalDue;
        _callerRegistration = caller.UnsafeRegister(static state => ((AttemptClocks)state!).Cancel(), this);
        _shutdownRegistration = shutdown.UnsafeRegister(static state => ((AttemptClocks)state!).Cancel(), this);
        lock (_gate) Arm();
    }

    internal CancellationToken Token => _cancellation.Token;

    /// <summary>The clock that ran out, if one did.</summary>
    internal HarborClock? Expired
    {
        get
        {
            lock (_gate) return _expired;
        }
    }

    /// <summary>The limit of the clock that ran out, for its message.</summary>
    internal TimeSpan LimitOf(HarborClock clock, CallSettings settings) => clock == HarborClock.Total ? settings.TotalTimeout : _currentLimit;

    /// <summary>A clock starts now: FirstUpdate when the request is sent, Idle when a read has to wait.</summary>
    internal void Start(HarborClock clock, TimeSpan limit)
    {
        if (limit == Timeout.InfiniteTimeSpan) return;
        lock (_gate)
        {
            _currentClock = clock;
            _currentLimit = limit;
            _currentDue = After(_time, limit);
            Arm();
        }
    }

    /// <summary>The running clock stops: the first update is here, or the read has been answered.</summary>
    internal void Rest()
    {
        lock (_gate) _currentDue = Never;
    }

    /// <summary>Detaches the timer and the callers' tokens. Nothing expires after this; the token can still be cancelled by <see cref="Cancel"/>.</summary>
    internal void Stop()
    {
        ITimer? timer;
        lock (_gate)
        {
            if (_isStopped) return;
            _isStopped = true;
            timer = _timer;
            _timer = null;
        }

        timer?.Dispose();
        _callerRegistration.Unregister();
        _shutdownRegistration.Unregister();
    }

    internal bool IsCancelled => _cancellation.IsCancellationRequested;

    /// <summary>Cancels the attempt's token. Never throws: it runs on timer threads and on the threads of whoever cancels or disposes.</summary>
    internal void Cancel()
    {
        try
        {
            _cancellation.Cancel();
        }
        catch (AggregateException)
        {
            // A handler's own callback on the token threw. The token is cancelled all the same, and every other callback has run.
        }
    }

    /// <summary>The timestamp that lies <paramref name="limit"/> ahead; never, for an infinite one.</summary>
    internal static long After(TimeProvider time, TimeSpan limit) =>
        limit == Timeout.InfiniteTimeSpan ? Never : time.GetTimestamp() + (long)(limit.TotalSeconds * time.TimestampFrequency);

    private void Arm()
    {
        long due = Math.Min(_totalDue, _currentDue);
        if (_isStopped || due >= _armedFor) return;
        _armedFor = due;
        TimeSpan wait = Until(due);
        if (_timer is null) _timer = CreateTimer(wait);
        else _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private ITimer CreateTimer(TimeSpan wait)
    {
        // The timer must not carry the caller's async locals (an Activity, a culture) for up to ten minutes.
        if (ExecutionContext.IsFlowSuppressed()) return _time.CreateTimer(static state => ((AttemptClocks)state!).OnTimer(), this, wait, Timeout.InfiniteTimeSpan);
        using (ExecutionContext.SuppressFlow())
            return _time.CreateTimer(static state => ((AttemptClocks)state!).OnTimer(), this, wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Rounded up to whole milliseconds, the resolution of timers, so that the callback does not come a moment too early and spin.</summary>
    private TimeSpan Until(long due)
    {
        double milliseconds = (due - _time.GetTimestamp()) * 1000.0 / _time.TimestampFrequency;
        return TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(milliseconds - 1e-6)));
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_isStopped || _expired is not null) return;
            long now = _time.GetTimestamp();
            if (now >= _totalDue) _expired = HarborClock.Total;
            else if (now >= _currentDue) _expired = _currentClock;
            else
            {
                _armedFor = Never;
                Arm();
                return;
            }
        }

        Cancel();
    }
}
