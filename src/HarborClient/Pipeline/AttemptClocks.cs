using HarborClient.Errors;

namespace HarborClient.Pipeline;

// Hot path: one per attempt, touched once per pending read.

/// <summary>
/// The FirstUpdate, Idle and Total clocks of one attempt, on one timer, and the token they cancel. The timer is armed for the earliest due clock; a later
/// due time is not written to it at once: the callback looks at the time and re-arms, so that a read that waits costs one timestamp and no timer change.
/// </summary>
internal sealed class AttemptClocks
{
    private const long Never = long.MaxValue;

    private readonly ClockParts _parts;
    private readonly CancellationTokenRegistration _callerRegistration;

    // All guarded by the parts' gate.
    private long _totalDue;
    private long _armedFor = Never;
    private long _currentDue = Never;
    private TimeSpan _currentLimit;
    private HarborClock _currentClock = HarborClock.FirstUpdate;
    private HarborClock _expiredClock;
    private bool _hasExpired;
    private bool _isStopped;

    internal AttemptClocks(ClockPool pool, long totalDue, CancellationToken caller)
    {
        _totalDue = totalDue;
        _parts = pool.Rent();
        lock (_parts.Gate)
        {
            // From here on a late callback of the timer may look at this attempt, which has to know its parts by then.
            _parts.GiveTo(this);
            Arm();
        }

        // Last: a token that is cancelled already calls back from here. The client's disposal is watched by the parts.
        _callerRegistration = caller.UnsafeRegister(static state => ((AttemptClocks)state!).Cancel(), this);
    }

    /// <summary>The token, for the library's own use while the attempt runs: nobody may keep it, because the next attempt may have the same one.</summary>
    internal CancellationToken Token => _parts.Token;

    /// <summary>The clock that ran out, if one did.</summary>
    internal HarborClock? Expired
    {
        get
        {
            lock (_parts.Gate) return _hasExpired ? _expiredClock : null;
        }
    }

    /// <summary>The token, for code of others, which may keep it: it stays this attempt's for ever.</summary>
    internal CancellationToken ShareToken()
    {
        lock (_parts.Gate) return _parts.Share(this);
    }

    /// <summary>The limit of the clock that ran out, for its message.</summary>
    internal TimeSpan LimitOf(HarborClock clock, CallSettings settings)
    {
        if (clock == HarborClock.Total) return settings.TotalTimeout;
        lock (_parts.Gate) return _currentLimit;
    }

    /// <summary>A clock starts now: FirstUpdate when the request is sent, Idle when a read has to wait.</summary>
    internal void Start(HarborClock clock, TimeSpan limit)
    {
        if (limit == Timeout.InfiniteTimeSpan) return;
        lock (_parts.Gate)
        {
            _currentClock = clock;
            _currentLimit = limit;
            _currentDue = After(_parts.Time, limit);
            Arm();
        }
    }

    /// <summary>The Total clock runs longer: somebody else waits for the same answer. The timer comes too early then, and looks again.</summary>
    internal void Stretch(long totalDue)
    {
        if (totalDue <= Volatile.Read(ref _totalDue)) return;
        lock (_parts.Gate) _totalDue = Math.Max(_totalDue, totalDue);
    }

    /// <summary>The running clock stops: the first update is here, or the read has been answered.</summary>
    internal void Rest()
    {
        lock (_parts.Gate) _currentDue = Never;
    }

    /// <summary>Stops the timer and lets go of the caller's token. Nothing expires after this; the token can still be cancelled by <see cref="Cancel"/>.</summary>
    internal void Stop()
    {
        lock (_parts.Gate)
        {
            if (_isStopped) return;
            _isStopped = true;
            if (_armedFor != Never) _parts.Disarm();
        }

        _callerRegistration.Unregister();
    }

    /// <summary>After <see cref="Stop"/>, once: gives the parts back.</summary>
    /// <param name="isSettled">Whether nobody uses the token any more, so that the next attempt may have it.</param>
    internal void Return(bool isSettled)
    {
        if (isSettled) _parts.Return(this);
        else _parts.Drop();
    }

    /// <summary>Cancels the attempt's token. Never throws: it runs on timer threads and on the threads of whoever cancels or disposes.</summary>
    internal void Cancel() => _parts.Cancel(this);

    /// <summary>The timestamp that lies <paramref name="limit"/> ahead; never, for an infinite one.</summary>
    internal static long After(TimeProvider time, TimeSpan limit) =>
        limit == Timeout.InfiniteTimeSpan ? Never : time.GetTimestamp() + (long)(limit.TotalSeconds * time.TimestampFrequency);

    /// <summary>The timer fired, perhaps a little early, or for a clock that has been set anew since. Under the gate. True when the attempt is over.</summary>
    internal bool IsDue()
    {
        if (_isStopped || _hasExpired) return false;
        long now = _parts.Time.GetTimestamp();
        if (now < _totalDue && now < _currentDue)
        {
            _armedFor = Never;
            Arm();
            return false;
        }

        _expiredClock = now >= _totalDue ? HarborClock.Total : _currentClock;
        _hasExpired = true;
        return true;
    }

    private void Arm()
    {
        long due = Math.Min(_totalDue, _currentDue);
        if (_isStopped || due >= _armedFor) return;
        _armedFor = due;
        _parts.Arm(Until(due));
    }

    /// <summary>Rounded up to whole milliseconds, the resolution of timers, so that the callback does not come a moment too early and spin.</summary>
    private TimeSpan Until(long due)
    {
        double milliseconds = (due - _parts.Time.GetTimestamp()) * 1000.0 / _parts.Time.TimestampFrequency;
        return TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(milliseconds - 1e-6)));
    }
}
