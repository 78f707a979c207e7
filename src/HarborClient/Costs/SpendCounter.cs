namespace HarborClient.Costs;

/// <summary>Counts what is spent in a window. Its account guards it: not thread-safe. Time that goes back changes nothing.</summary>
internal abstract class SpendCounter
{
    /// <summary>What counts at this moment. Nano-USD.</summary>
    internal long Spent { get; private protected set; }

    /// <summary>Where what is reserved now will be spent. It changes when that is another window.</summary>
    internal long Slot { get; private protected set; }

    /// <summary>Whether what is reserved in another slot than the present one is still held: not where each slot is a window of its own.</summary>
    internal abstract bool KeepsReserved { get; }

    /// <summary>When money comes back at the earliest; null for never.</summary>
    internal abstract DateTimeOffset? ResetsAt { get; }

    /// <summary>The slot of a moment that may count still; null where it does not.</summary>
    internal abstract long? SlotOf(DateTimeOffset at);

    /// <summary>Lets go of what does not count any more.</summary>
    /// <returns>Whether a new window has begun: what was reserved in the old one is no matter of this one.</returns>
    internal abstract bool MoveTo(DateTimeOffset now);

    /// <summary>Adds what was spent in the slot in which it was reserved; nothing where that does not count any more.</summary>
    internal abstract void Add(long slot, long nano);
}
