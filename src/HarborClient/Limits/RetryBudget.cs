namespace HarborClient.Limits;

/// <summary>
/// Bounds how much load extra attempts (retries, another key, hedges) may add to a route: a tenth of its calls, a reserve of ten, and one more every ten
/// seconds. Thread-safe; allocates nothing.
/// </summary>
/// <remarks>
/// The shape of Finagle's RetryBudget (a share of requests plus a reserve) with the reserve of gRPC's retry throttling (A6: ten tokens). Finagle's own
/// reserve of ten a second would be more than most callers of a model send at all.
/// </remarks>
internal sealed class RetryBudget
{
    // Counted in thousandths, so that tenths add up exactly.
    private const int One = 1000;
    private const int PerCall = One / 10;
    private const int Reserve = 10 * One;

    /// <summary>What calls may save up: the share of 1,000 calls. A busy route can answer a burst of failures, and an old success pays for no storm.</summary>
    private const int Most = 100 * One;

    private static readonly TimeSpan OneEvery = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;

    // Guards the three fields below.
    private readonly Lock _gate = new();
    private int _saved = Reserve;
    private long _refilledAt;
    private long _taken;

    internal RetryBudget(TimeProvider time)
    {
        _time = time;
        _refilledAt = time.GetTimestamp();
    }

    /// <summary>Extra attempts that were granted.</summary>
    internal long Taken => Volatile.Read(ref _taken);

    /// <summary>A call asks the route for the first time.</summary>
    internal void OnFirstAsk()
    {
        lock (_gate) _saved = Math.Min(_saved + PerCall, Most);
    }

    /// <summary>Whether one more attempt may be made; if so, it is paid for.</summary>
    internal bool TryTake()
    {
        lock (_gate)
        {
            Refill();
            if (_saved < One) return false;
            _saved -= One;
            _taken++;
            return true;
        }
    }

    /// <summary>Time fills no more than the reserve. What a full reserve was not given is lost: it starts anew.</summary>
    private void Refill()
    {
        long now = _time.GetTimestamp();
        TimeSpan passed = _time.GetElapsedTime(_refilledAt, now);
        if (_saved >= Reserve || passed >= OneEvery * (Reserve / One))
        {
            _saved = Math.Max(_saved, Reserve);
            _refilledAt = now;
            return;
        }

        int earned = (int)(passed / OneEvery * One);
        if (earned <= 0) return;
        _saved = Math.Min(_saved + earned, Reserve);
        _refilledAt += (long)(OneEvery.TotalSeconds * _time.TimestampFrequency * earned / One);
    }
}
