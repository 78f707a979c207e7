namespace HarborClient.Costs;

/// <summary>What one key has been used for today. Thread-safe.</summary>
internal sealed class KeyUse(string provider, int number, long? tokens, Money? money, TimeZoneInfo timeZone, TimeProvider time)
{
    internal string Provider => provider;

    internal int Number => number;

    // Guards the counters.
    private readonly Lock _gate = new();
    private readonly CalendarCounter _tokens = new(CalendarUnit.Day, timeZone);
    private readonly CalendarCounter _money = new(CalendarUnit.Day, timeZone);

    // When the quota that is used up is filled again, in ticks of UTC; 0 while there is some left. Read at every call without the lock.
    private long _usedUpUntil;

    /// <summary>How long the quota stays used up; null while some is left.</summary>
    internal TimeSpan? UsedUpFor
    {
        get
        {
            long until = Interlocked.Read(ref _usedUpUntil);
            if (until == 0) return null;
            long left = until - time.GetUtcNow().UtcTicks;
            return left > 0 ? TimeSpan.FromTicks(left) : null;
        }
    }

    internal KeyStatus Status
    {
        get
        {
            DateTimeOffset now = time.GetUtcNow();
            lock (_gate)
            {
                _tokens.MoveTo(now);
                _money.MoveTo(now);
                return new KeyStatus(provider, number, _tokens.Spent, new Money(_money.Spent), tokens, money, UsedUpFor is not null, _tokens.ResetsAt!.Value);
            }
        }
    }

    /// <summary>An attempt with this key has ended.</summary>
    internal void Add(long usedTokens, Money cost)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_gate)
        {
            _tokens.MoveTo(now);
            _money.MoveTo(now);
            _tokens.Add(_tokens.Slot, usedTokens);
            _money.Add(_money.Slot, cost.NanoUsd);
            if (_tokens.Spent >= tokens || _money.Spent >= money?.NanoUsd) Interlocked.Exchange(ref _usedUpUntil, _tokens.ResetsAt!.Value.UtcTicks);
        }
    }
}
