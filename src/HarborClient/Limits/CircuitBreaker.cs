namespace HarborClient.Limits;

/// <summary>
/// Leaves a target alone that keeps failing, and finds out with single probes when it is back. Knows timestamps only, so a clock that is set back does not
/// matter. Thread-safe; allocates nothing.
/// </summary>
/// <remarks>Who was let in says exactly once how it went: <see cref="Succeeded"/>, <see cref="Failed"/>, or <see cref="Released"/> when that says nothing of the target.</remarks>
internal sealed class CircuitBreaker
{
    /// <summary>The window slides in tenths: finer ones cost memory and change no decision.</summary>
    private const int Slots = 10;

    /// <summary>A break that follows a failed probe is this part of the outage so far: after a minute away the target is found again within five seconds.</summary>
    private const int BreaksPerOutage = 12;

    private const long Never = -1;

    private readonly CircuitBreakerOptions _options;
    private readonly TimeProvider _time;
    private readonly long _slotTicks;

    // Guards everything below; only the state is also read without it.
    private readonly Lock _gate = new();
    private readonly long[] _slotNumbers = new long[Slots];
    private readonly int[] _attempts = new int[Slots];
    private readonly int[] _failures = new int[Slots];
    private int _state;
    private long _failingSince = Never;
    private long _probeFrom;
    private bool _isProbing;
    private int _successes;

    internal CircuitBreaker(CircuitBreakerOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _slotTicks = Math.Max(1, Ticks(options.Window) / Slots);
    }

    /// <summary>Open also when the break is over and nobody has probed yet.</summary>
    internal CircuitState State => (CircuitState)Volatile.Read(ref _state);

    /// <summary>Whether <see cref="TryEnter"/> would let an attempt in at this moment.</summary>
    internal bool MayEnter
    {
        get
        {
            if (State == CircuitState.Closed) return true;
            lock (_gate) return State == CircuitState.Closed || _time.GetTimestamp() >= _probeFrom;
        }
    }

    /// <summary>The time until the next probe may go; zero when it may go now, and while one is out, whose result may come at any moment; null while closed.</summary>
    internal TimeSpan? OpenFor
    {
        get
        {
            if (State == CircuitState.Closed) return null;
            lock (_gate)
            {
                if (State == CircuitState.Closed) return null;
                long now = _time.GetTimestamp();
                return _isProbing || now >= _probeFrom ? TimeSpan.Zero : _time.GetElapsedTime(now, _probeFrom);
            }
        }
    }

    /// <summary>Whether an attempt may go to the target. Of those that ask after a break, one may, as the probe, until it has said how it went.</summary>
    internal bool TryEnter(out bool isProbe)
    {
        isProbe = false;
        if (State == CircuitState.Closed) return true;
        lock (_gate)
        {
            if (State == CircuitState.Closed) return true;
            long now = _time.GetTimestamp();
            if (now < _probeFrom) return false;

            // A probe that never ends must not keep everybody out for ever: after the longest break the next one goes.
            _probeFrom = now + Ticks(_options.MaximumBreak);
            _isProbing = true;
            _state = (int)CircuitState.HalfOpen;
            isProbe = true;
            return true;
        }
    }

    internal void Succeeded(bool isProbe)
    {
        lock (_gate)
        {
            if (State == CircuitState.Closed)
            {
                if (isProbe) return;
                _failingSince = Never;
                _attempts[CurrentSlot()]++;
            }
            else if (isProbe && _isProbing)
            {
                if (++_successes < _options.SuccessesToClose) LetNextProbe();
                else Close();
            }
        }
    }

    internal void Failed(bool isProbe)
    {
        lock (_gate)
        {
            // What began before the breaker opened, and a probe that was given up, come too late to say anything.
            if (State == CircuitState.Closed ? isProbe : !isProbe || !_isProbing) return;
            long now = _time.GetTimestamp();
            if (_failingSince == Never) _failingSince = now;
            if (isProbe)
            {
                Open(now, BreakAfter(_time.GetElapsedTime(_failingSince, now)));
                return;
            }

            int slot = CurrentSlot();
            _attempts[slot]++;
            _failures[slot]++;
            if (IsOverTheRatio(_slotNumbers[slot])) Open(now, _options.Break);
        }
    }

    /// <summary>The attempt says nothing of the target: it was cancelled, or its request was refused. A probe's place goes to the next one.</summary>
    internal void Released(bool isProbe)
    {
        if (!isProbe) return;
        lock (_gate)
        {
            if (State == CircuitState.HalfOpen && _isProbing) LetNextProbe();
        }
    }

    private bool IsOverTheRatio(long current)
    {
        int attempts = 0;
        int failures = 0;
        for (int i = 0; i < Slots; i++)
        {
            if (current - _slotNumbers[i] >= Slots) continue;
            attempts += _attempts[i];
            failures += _failures[i];
        }

        return attempts >= _options.MinimumAttempts && failures >= _options.FailureRatio * attempts;
    }

    /// <summary>The slot of this moment, emptied of what lies a window back.</summary>
    private int CurrentSlot()
    {
        long number = _time.GetTimestamp() / _slotTicks;
        int slot = (int)(number % Slots);
        if (_slotNumbers[slot] == number) return slot;
        _slotNumbers[slot] = number;
        _attempts[slot] = 0;
        _failures[slot] = 0;
        return slot;
    }

    private TimeSpan BreakAfter(TimeSpan outage)
    {
        TimeSpan length = outage / BreaksPerOutage;
        return length < _options.Break ? _options.Break : length > _options.MaximumBreak ? _options.MaximumBreak : length;
    }

    private void Open(long now, TimeSpan length)
    {
        _probeFrom = now + Ticks(length);
        _isProbing = false;
        _successes = 0;
        _state = (int)CircuitState.Open;
    }

    private void LetNextProbe()
    {
        _isProbing = false;
        _probeFrom = _time.GetTimestamp();
    }

    private void Close()
    {
        Array.Clear(_attempts);
        Array.Clear(_failures);
        _isProbing = false;
        _successes = 0;
        _failingSince = Never;
        Volatile.Write(ref _state, (int)CircuitState.Closed);
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
