namespace HarborClient.Costs;

// Hot path where budgets are: one short lock to reserve, one to settle, nothing allocated.

/// <summary>
/// One limit and what has gone of it. What an attempt can cost at most is reserved in one step with the check, and settled when it is known: what is spent and what
/// is reserved never exceed a hard limit together. Thread-safe.
/// </summary>
internal sealed class BudgetAccount(Budget budget, string key, SpendCounter counter)
{
    // Guards what follows, the counter included.
    private readonly Lock _gate = new();
    private long _reserved;
    private int _announced;
    private bool _isClosed;

    internal Budget Budget => budget;

    /// <summary>Whose account it is; empty where the budget is one for all.</summary>
    internal string Key => key;

    /// <summary>Reserves an amount if it fits; a soft budget takes any. Null where the account has been closed, and its owner has another.</summary>
    internal bool? TryReserve(long nano, DateTimeOffset now, out BudgetHold hold)
    {
        lock (_gate)
        {
            MoveTo(now);
            hold = new BudgetHold(this, nano, counter.Slot);
            if (_isClosed) return null;
            if (budget.IsHard && nano > FreeNow()) return false;
            _reserved += nano;
            return true;
        }
    }

    /// <summary>How much can be reserved. Another thread may be faster.</summary>
    internal long Free(DateTimeOffset now)
    {
        lock (_gate)
        {
            MoveTo(now);
            return budget.IsHard ? FreeNow() : long.MaxValue;
        }
    }

    /// <summary>Gives a reservation back, and writes down what was spent of it.</summary>
    /// <returns>The highest threshold that this has passed for the first time in its window; null for none.</returns>
    internal double? Settle(in BudgetHold hold, long spent, DateTimeOffset now)
    {
        lock (_gate)
        {
            MoveTo(now);
            if (counter.KeepsReserved || hold.Slot == counter.Slot) _reserved -= hold.Nano;
            counter.Add(hold.Slot, spent);
            return Passed();
        }
    }

    /// <summary>Adds what was spent before this process lived. Thresholds that it had passed were told then.</summary>
    internal void Restore(DateTimeOffset at, long nano, DateTimeOffset now)
    {
        lock (_gate)
        {
            MoveTo(now);
            if (counter.SlotOf(at) is { } slot) counter.Add(slot, nano);
            _announced = Math.Max(_announced, budget.ThresholdsBelow(counter.Spent));
        }
    }

    internal BudgetStatus Status(DateTimeOffset now)
    {
        lock (_gate)
        {
            MoveTo(now);
            return new BudgetStatus(budget.Name, key, budget.Limit, new Money(counter.Spent), new Money(_reserved), counter.ResetsAt);
        }
    }

    /// <summary>Closes the account if nothing would be lost with it: from then on nothing is reserved here.</summary>
    internal bool TryClose(DateTimeOffset now)
    {
        lock (_gate)
        {
            MoveTo(now);
            return _isClosed |= _reserved == 0 && counter.Spent == 0;
        }
    }

    private long FreeNow() => Math.Max(0, budget.Limit.NanoUsd - counter.Spent - _reserved);

    private void MoveTo(DateTimeOffset now)
    {
        long before = counter.Spent;
        if (counter.MoveTo(now)) _reserved = 0;
        if (counter.Spent < before) _announced = budget.ThresholdsBelow(counter.Spent);
    }

    private double? Passed()
    {
        int passed = budget.ThresholdsBelow(counter.Spent);
        if (passed <= _announced) return null;
        _announced = passed;
        return budget.Thresholds[passed - 1];
    }
}
