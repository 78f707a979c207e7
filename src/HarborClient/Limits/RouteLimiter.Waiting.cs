namespace HarborClient.Limits;

// What happens to those who find no room.
internal sealed partial class RouteLimiter
{
    // Guarded by _gate.
    private ITimer? _wake;
    private double _wakeAt = double.PositiveInfinity;
    private long _numbers;

    /// <summary>Lets a request in when its turn has come.</summary>
    /// <returns>The permit, at once where there is room. Whoever gets it gives it back, even if the token has been cancelled meanwhile.</returns>
    /// <exception cref="HarborException">NoPermit: no room in time. RateLimited: the host wants no request for longer than this one may wait.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    internal ValueTask<Permit> EnterAsync(in Admission admission, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_gate)
        {
            double now = Now();
            if (_queue.Count == 0 && WaitFor(admission, now) == 0) return ValueTask.FromResult(Take(admission, now));
            if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<Permit>(cancellationToken);
            if (Refusal(admission, now) is { } refusal) return ValueTask.FromException<Permit>(refusal);

            TimeSpan wait = AllowedWait(admission);
            waiter = new Waiter(this, admission, cancellationToken) { Number = _numbers++, ExpiresAt = now + wait.TotalSeconds };
            _queue.Add(waiter, now);
            waiter.Arm(_time, wait);
            Pump(now);
        }

        return new ValueTask<Permit>(waiter.Task);
    }

    /// <summary>Somebody more important waits for the same answer as the request that waits here with a token, if it does.</summary>
    internal void Raise(CallPriority priority, CancellationToken token)
    {
        lock (_gate)
        {
            if (_queue.Count == 0 || _queue.Find(token) is not { } waiter) return;
            double now = Now();
            _queue.Raise(waiter, priority, now);
            Pump(now);
        }
    }

    internal void Expire(Waiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Lane is null) return;
            double now = Now();
            LimiterState state = State(waiter.Admission, now);
            bool isDeadline = AllowedWait(waiter.Admission) < _options.MaximumWait;
            Leave(waiter);
            waiter.TrySetException(isDeadline ? LimitErrors.TooLate(_name, waiter.Admission.Remaining, state) : LimitErrors.Waited(_name, state));
            Pump(now);
        }
    }

    internal void Cancel(Waiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Lane is null) return;
            Leave(waiter);
            waiter.TrySetCanceled(waiter.CancellationToken);
            Pump(Now());
        }
    }

    /// <summary>Why waiting would be in vain. It is cheaper to know now: the call can go elsewhere.</summary>
    private HarborException? Refusal(in Admission admission, double now)
    {
        TimeSpan allowed = AllowedWait(admission);
        TimeSpan gated = Span(Math.Max(_limit.GateUntil, _pacer.GateUntil) - now);
        if (gated > allowed) return LimitErrors.Gated(_name, allowed, gated);

        LimiterState state = State(admission, now);
        int ahead = _queue.Ahead(admission.Priority);
        TimeSpan paced = Span(_pacer.WaitFor(ahead + 1, admission.InputTokens, admission.OutputTokens, now));
        if (paced > allowed) return LimitErrors.Paced(_name, allowed, Rates(), state with { Expected = paced });
        if (allowed == TimeSpan.Zero) return LimitErrors.Waited(_name, state);
        if (admission.Remaining != Timeout.InfiniteTimeSpan && state.Expected > admission.Remaining) return LimitErrors.TooLate(_name, admission.Remaining, state);
        if (_queue.Count < _options.MaximumQueued) return null;
        if (_options.MaximumQueued == 0 || _queue.LessImportantThan(admission.Priority) is not { } displaced) return LimitErrors.Full(_name, state);
        Leave(displaced);
        displaced.TrySetException(LimitErrors.Displaced(_name, state));
        return null;
    }

    /// <summary>A gate has closed: who cannot outwait it need not try.</summary>
    private void RefuseBehindGates(double now)
    {
        double gate = Math.Max(_limit.GateUntil, _pacer.GateUntil);
        if (_queue.Count == 0 || gate <= now) return;
        foreach (Waiter waiter in _queue.ExpiringBefore(gate))
        {
            Leave(waiter);
            waiter.TrySetException(LimitErrors.Gated(_name, Span(waiter.ExpiresAt - now), Span(gate - now)));
        }
    }

    /// <summary>Lets in whoever fits, and sees to it that somebody looks again.</summary>
    private void Pump(double now)
    {
        while (_queue.Next(now) is { } waiter)
        {
            double wait = WaitFor(waiter.Admission, now);
            if (wait > 0)
            {
                WakeAt(now, wait);
                return;
            }

            _queue.Serve(waiter);
            waiter.Disarm();
            waiter.TrySetResult(Take(waiter.Admission, now));
        }
    }

    // Later than it has to be only where a limit has just been lowered; then it looks, and sets itself again.
    private void WakeAt(double now, double wait)
    {
        if (double.IsPositiveInfinity(wait) || (now < _wakeAt && _wakeAt <= now + wait)) return;
        _wakeAt = now + wait;
        _wake ??= _time.CreateTimer(static limiter => ((RouteLimiter)limiter!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        // Rounded up: a timer that comes early would be set again for nothing.
        _wake.Change(Span(wait) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private void Wake()
    {
        lock (_gate)
        {
            _wakeAt = double.PositiveInfinity;
            Pump(Now());
        }
    }

    private void Leave(Waiter waiter)
    {
        _queue.Remove(waiter);
        waiter.Disarm();
    }

    private TimeSpan AllowedWait(in Admission admission) =>
        admission.Remaining != Timeout.InfiniteTimeSpan && admission.Remaining < _options.MaximumWait ? admission.Remaining : _options.MaximumWait;

    private LimiterState State(in Admission admission, double now)
    {
        double forPermit = _inFlight < Math.Floor(Effective) && _queue.Count == 0 ? 0 : (_queue.Ahead(admission.Priority) + 1) * _limit.MeanSeconds / Math.Max(1, Math.Floor(Effective));
        double forRate = Math.Max(_pacer.WaitFor(1, admission.InputTokens, admission.OutputTokens, now), Math.Max(_limit.GateUntil, _pacer.GateUntil) - now);
        return new LimiterState(_inFlight, Effective, _queue.Count, Span(Math.Max(forPermit, forRate)), _options.MaximumWait);
    }

    private string Rates() => (_pacer.RequestsPerMinute, _pacer.TokensPerMinute) switch
    {
        ({ } requests, { } tokens) => FormattableString.Invariant($"{requests:N0} requests or {tokens:N0} tokens a minute"),
        ({ } requests, null) => FormattableString.Invariant($"{requests:N0} requests a minute"),
        (null, { } tokens) => FormattableString.Invariant($"{tokens:N0} tokens a minute"),
        _ => "the tokens a minute",
    };

    private static TimeSpan Span(double seconds) => TimeSpan.FromSeconds(Math.Max(0, seconds));
}
