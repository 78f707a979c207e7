namespace HarborClient.Costs;

/// <summary>The time before each moment, in sixty slots. What was spent stops counting when its slot has wholly passed.</summary>
internal sealed class RollingCounter(TimeSpan length) : SpendCounter
{
    private const int Slots = 60;

    private readonly long _slotTicks = Math.Max(1, length.Ticks / Slots);

    // One more than a window has: the slot that is under way, and those that still count.
    private readonly long[] _spent = new long[Slots + 1];

    internal override bool KeepsReserved => true;

    internal override DateTimeOffset? ResetsAt
    {
        get
        {
            for (long slot = Slot - Slots; slot <= Slot; slot++)
            {
                if (slot >= 0 && _spent[slot % _spent.Length] > 0) return new DateTimeOffset((slot + Slots + 1) * _slotTicks, TimeSpan.Zero);
            }

            return null;
        }
    }

    internal override long? SlotOf(DateTimeOffset at) => at.UtcTicks / _slotTicks is var slot && slot > Slot - _spent.Length && slot <= Slot ? slot : null;

    internal override bool MoveTo(DateTimeOffset now)
    {
        long slot = now.UtcTicks / _slotTicks;
        if (slot <= Slot) return false;
        long steps = Math.Min(slot - Slot, _spent.Length);
        for (long i = 0; i < steps; i++)
        {
            ref long gone = ref _spent[(slot - i) % _spent.Length];
            Spent -= gone;
            gone = 0;
        }

        Slot = slot;
        return false;
    }

    internal override void Add(long slot, long nano)
    {
        if (slot <= Slot - _spent.Length || slot > Slot) return;
        ref long place = ref _spent[slot % _spent.Length];
        long added = Math.Min(nano, long.MaxValue - Spent);
        place += added;
        Spent += added;
    }
}
