namespace HarborClient.Limits;

/// <summary>How many requests are so young that a refusal may still be on its way: the others are what the host works on.</summary>
/// <remarks>Not thread-safe; time in seconds. Hosts of answers in one piece send no headers before the end, so age has to tell.</remarks>
internal sealed class YoungRequests
{
    private const double SlotSeconds = 0.05;
    private const int Slots = 40;
    private const double LatencyWeight = 0.1;

    /// <summary>Refusals are spread around their mean: nearly all come within twice of it.</summary>
    private const double Spread = 2;

    private readonly int[] _slots = new int[Slots];
    private long _slot;
    private double _refusalSeconds = 0.1;

    internal void Add(double now)
    {
        Advance(now);
        _slots[_slot % Slots]++;
    }

    /// <summary>A request is known to be accepted, or is over.</summary>
    internal void Remove(double sentAt, double now)
    {
        Advance(now);
        long slot = (long)(sentAt / SlotSeconds);
        if (_slot - slot < Slots) _slots[slot % Slots]--;
    }

    internal void Refused(double seconds) => _refusalSeconds += LatencyWeight * (Math.Min(seconds, Slots * SlotSeconds) - _refusalSeconds);

    internal int Count(double now)
    {
        Advance(now);
        long oldest = Math.Max(0, Math.Max(_slot - Slots + 1, (long)((now - (Spread * _refusalSeconds)) / SlotSeconds)));
        int count = 0;
        for (long slot = oldest; slot <= _slot; slot++) count += _slots[slot % Slots];
        return count;
    }

    private void Advance(double now)
    {
        long target = (long)(now / SlotSeconds);
        if (target - _slot >= Slots) Array.Clear(_slots);
        else for (long slot = _slot + 1; slot <= target; slot++) _slots[slot % Slots] = 0;
        _slot = Math.Max(_slot, target);
    }
}
