namespace HarborClient.Pipeline;

// Hot path: used twice by every attempt.

/// <summary>The <see cref="ClockParts"/> of one client that no attempt has at the moment. Thread-safe. A list through the parts themselves, so that keeping them allocates nothing.</summary>
internal sealed class ClockPool(TimeProvider time, CancellationToken shutdown)
{
    /// <summary>More attempts than this at once are rare, and what they need beyond it is made anew: 70 KB are kept at most.</summary>
    private const int MaxFree = 200;

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private ClockParts? _free;
    private int _count;

    internal TimeProvider Time => time;

    /// <summary>Parts that nobody has: whoever rents them gives them their owner.</summary>
    internal ClockParts Rent()
    {
        ClockParts? parts;
        lock (_gate)
        {
            parts = _free;
            if (parts is not null)
            {
                _free = parts.NextFree;
                parts.NextFree = null;
                _count--;
            }
        }

        return parts ?? new ClockParts(this, shutdown);
    }

    internal bool TryReturn(ClockParts parts)
    {
        lock (_gate)
        {
            if (_count == MaxFree) return false;
            parts.NextFree = _free;
            _free = parts;
            _count++;
            return true;
        }
    }
}
