namespace HarborClient.Pipeline;

// Hot path: used by every attempt.

/// <summary>
/// What an attempt's clocks are made of and what the next attempt can use again: a token source, its timer and its registration
/// with the client's disposal, about 350 bytes. Belongs to one attempt at a time; whoever acts on it says for which attempt, and is ignored when that one's time is over.
/// </summary>
#pragma warning disable CA1001 // A token source without timer or wait handle holds nothing to dispose, and its token may still be looked at after the attempt. The timer is disarmed.
internal sealed class ClockParts
#pragma warning restore CA1001
{
    private readonly ClockPool _pool;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly CancellationTokenRegistration _shutdown;

    // All guarded by Gate.
    private AttemptClocks? _owner;
    private ITimer? _timer;
    private bool _isSpent;

    internal ClockParts(ClockPool pool, CancellationToken shutdown)
    {
        _pool = pool;
        _shutdown = shutdown.UnsafeRegister(static state => ((ClockParts)state!).ShutDown(), this);
    }

    internal Lock Gate { get; } = new();

    internal TimeProvider Time => _pool.Time;

    internal CancellationToken Token => _cancellation.Token;

    /// <summary>The next free parts in the pool. Guarded by the pool.</summary>
    internal ClockParts? NextFree { get; set; }

    /// <summary>Under the gate.</summary>
    internal void GiveTo(AttemptClocks owner) => _owner = owner;

    /// <summary>Marks the token as given away: the parts do not go back to the pool. Under the gate.</summary>
    internal CancellationToken Share(AttemptClocks owner)
    {
        if (!ReferenceEquals(_owner, owner)) return CancellationToken.None;
        _isSpent = true;
        return _cancellation.Token;
    }

    /// <summary>Under the gate.</summary>
    internal void Arm(TimeSpan wait)
    {
        if (_timer is null) _timer = CreateTimer(wait);
        else _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Under the gate.</summary>
    internal void Disarm() => _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    internal void Cancel(AttemptClocks owner)
    {
        lock (Gate)
        {
            if (!ReferenceEquals(_owner, owner)) return;
            _isSpent = true;
        }

        Cancel();
    }

    /// <summary>Back to the pool, if the token has neither been cancelled nor been given to others. Forgets who registered with it.</summary>
    internal void Return(AttemptClocks owner)
    {
        bool isFree;
        lock (Gate)
        {
            if (!ReferenceEquals(_owner, owner)) return;
            isFree = !_isSpent && _cancellation.TryReset();
            if (isFree) _owner = null;
        }

        if (!isFree || !_pool.TryReturn(this)) Drop();
    }

    /// <summary>They do not go back. Their token still can be cancelled, by their owner.</summary>
    internal void Drop()
    {
        _shutdown.Unregister();
        lock (Gate)
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    private ITimer CreateTimer(TimeSpan wait)
    {
        // The timer must not carry the caller's async locals (an Activity, a culture) for up to ten minutes.
        if (ExecutionContext.IsFlowSuppressed()) return Time.CreateTimer(static state => ((ClockParts)state!).OnTimer(), this, wait, Timeout.InfiniteTimeSpan);
        using (ExecutionContext.SuppressFlow())
            return Time.CreateTimer(static state => ((ClockParts)state!).OnTimer(), this, wait, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        lock (Gate)
        {
            if (_owner?.IsDue() != true) return;
            _isSpent = true;
        }

        Cancel();
    }

    /// <summary>The client is disposed. Free parts are cancelled with it and not used again: no call begins after that.</summary>
    private void ShutDown()
    {
        lock (Gate) _isSpent = true;
        Cancel();
    }

    private void Cancel()
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
}
