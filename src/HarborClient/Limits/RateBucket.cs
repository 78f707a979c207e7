namespace HarborClient.Limits;

/// <summary>One rate per minute, held from the sender's side: whichever minute the host looks at, no more than its limit falls into it.</summary>
/// <remarks>
/// Hosts count in fixed minutes, in the last minute, or in buckets that refill; what stays within the limit in every minute passes all of them. So a burst may use the whole
/// minute at once (the window), and once the minute is used up, requests go out evenly instead of in the next burst (the level). Not thread-safe; time in seconds.
/// </remarks>
internal sealed class RateBucket
{
    /// <summary>The share of the limit that is used: what requests take on their way, and estimates that were too low, need the rest.</summary>
    private const double RefillShare = 0.98;

    private const double WindowShare = 0.9975;
    private const double NearlyUsed = 0.9;
    private const double MinuteSeconds = 60;
    private const double KeptSeconds = 5;
    private const double SlotSeconds = 0.25;

    /// <summary>A minute, the slot that is being filled, and one for requests that arrive later than they were sent.</summary>
    private const int Slots = (int)(MinuteSeconds / SlotSeconds) + 2;

    private readonly double[] _slots = new double[Slots];
    private double _sum;
    private long _slot;
    private double _level;
    private double _levelAt;
    private double _spent;

    /// <summary>Per minute; 0 until it is known. Until then it only counts, so that what went out before is in it.</summary>
    internal long Limit { get; private set; }

    /// <summary>The share of the limit that the host lets this process have: lowered by refusals, see <see cref="RatePacer"/>.</summary>
    internal double Share { get; set; } = 1;

    private double Capacity => Math.Max(1, Math.Round(WindowShare * Limit * Share));

    private double PerSecond => RefillShare * Limit * Share / MinuteSeconds / Processes;

    /// <summary>How many processes the refill is for.</summary>
    internal int Processes { get; set; } = 1;

    /// <summary>What all processes together may use in a minute.</summary>
    internal long ForAll => Math.Max(1, (long)(RefillShare * Limit));

    /// <summary>Seconds until an amount fits. More than the limit itself goes alone.</summary>
    internal double WaitFor(double amount, double now)
    {
        if (Limit == 0) return 0;
        Advance(now);
        double needed = Math.Min(amount, Capacity);
        double forLevel = Math.Max(0, (needed - _level) / PerSecond);
        double forWindow = WaitForWindow(needed, now);

        // Credit that could not be used for longer is gone, or it would make the next burst.
        if (forWindow > 0) _level = Math.Min(_level, needed + (KeptSeconds * PerSecond));
        return Math.Max(forLevel, forWindow);
    }

    internal bool IsNearlyUsed(double now)
    {
        Advance(now);
        return Limit > 0 && _sum >= NearlyUsed * Capacity;
    }

    /// <summary>Whether half of the last minute's amount has gone out.</summary>
    internal bool IsHalfUsed(double now)
    {
        Advance(now);
        return Limit > 0 && _sum >= Capacity / 2;
    }

    internal void Take(double amount, double now)
    {
        Advance(now);
        Add(_slot, amount);
        _level = Bounded(_level - amount);
        _spent += amount;
    }

    /// <summary>Corrects what was taken at a time by what it turned out to be.</summary>
    internal void Settle(double difference, double takenAt, double now)
    {
        Advance(now);
        if (_slot - Slot(takenAt) < Slots) Add(Slot(takenAt), difference);
        _level = Bounded(_level - difference);
        _spent += difference;
    }

    internal void Learn(long perMinute, double now)
    {
        Advance(now);
        if (Limit == 0)
        {
            Limit = perMinute;
            _level = Bounded(Capacity - _sum);
            return;
        }

        // What was sent under another limit counts as the share of it that it was: a host that halves a limit does not call in what it has granted.
        double ratio = (double)perMinute / Limit;
        for (int i = 0; i < _slots.Length; i++) _slots[i] *= ratio;
        _sum *= ratio;
        Limit = perMinute;
        _level = Bounded(_level);
    }

    internal void AtMost(double remaining) => _level = Math.Min(_level, remaining);

    /// <summary>What was taken and settled since it was last asked, in whole units.</summary>
    internal long TakeSpent()
    {
        long whole = (long)_spent;
        _spent -= whole;
        return whole;
    }

    /// <summary>
    /// This process's part of what all processes have left. It may rise by what all of them together get until the next time: what the idle leave. No further at once, for
    /// the host may have said in the meantime that there is less.
    /// </summary>
    internal void Allot(double part, TimeSpan untilNext)
    {
        double most = Math.Min(Capacity, part - _spent);
        _level = Bounded(Math.Min(most, _level + (PerSecond * Processes * untilNext.TotalSeconds)));
    }

    /// <summary>The host has counted more than was sent from here.</summary>
    internal void AtLeastTaken(double taken, double now)
    {
        double others = taken - _sum;
        if (others <= 0) return;
        Take(others, now);

        // Not this process's own use, which is what other processes are told.
        _spent -= others;
    }

    /// <summary>A debt of more than a minute is none: hosts count minutes. What a request took beyond the limit, or was only expected to take, must not shut out all that follow.</summary>
    private double Bounded(double level) => Math.Clamp(level, -Capacity, Capacity);

    private static long Slot(double seconds) => (long)Math.Floor(seconds / SlotSeconds);

    private static int Index(long slot) => (int)(((slot % Slots) + Slots) % Slots);

    private double WaitForWindow(double needed, double now)
    {
        double left = _sum + needed - Capacity;
        if (left <= 0) return 0;
        for (long slot = _slot - Slots + 1; slot <= _slot; slot++)
        {
            left -= _slots[Index(slot)];
            if (left <= 0) return Math.Max(SlotSeconds / 2, ((slot + Slots) * SlotSeconds) - now);
        }

        return Slots * SlotSeconds;
    }

    private void Add(long slot, double amount)
    {
        _slots[Index(slot)] += amount;
        _sum += amount;
    }

    private void Advance(double now)
    {
        if (now > _levelAt)
        {
            _level = Math.Min(Capacity, _level + ((now - _levelAt) * PerSecond));
            _levelAt = now;
        }

        long target = Slot(now);
        if (target - _slot >= Slots)
        {
            Array.Clear(_slots);
            _slot = target;
            _sum = 0;
        }

        while (_slot < target)
        {
            ref double oldest = ref _slots[Index(++_slot)];
            _sum -= oldest;
            oldest = 0;
        }
    }
}
