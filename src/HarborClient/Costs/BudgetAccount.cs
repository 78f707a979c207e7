namespace HarborClient.Costs;

// Hot path where budgets are: one short lock to reserve, one to settle, nothing allocated.

/// <summary>
/// One limit and what has gone of it. What an attempt can cost at most is reserved in one step with the check, and settled when it is known: what is spent and what
/// is reserved never exceed a hard limit together, nor, where processes share the budget, what this one has leased. Thread-safe.
/// </summary>
internal sealed partial class BudgetAccount(Budget budget, string key, SpendCounter counter)
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
        TaskCompletionSource renewal;
        lock (_gate)
        {
            MoveTo(now);
            hold = new BudgetHold(this, nano, counter.Slot);
            if (_isClosed) return null;
            if (budget.IsHard && nano > FreeNow()) return false;
            _reserved += nano;
            if (_share is null || !IsLowAfterReserving()) return true;
            renewal = BeginRenewal();
        }

        RenewBehindCalls(renewal);
        return true;
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
    /// <returns>The highest threshold that this has passed for the first time in its window; null for none, and where processes share the budget: then the store's answer says it.</returns>
    internal double? Settle(in BudgetHold hold, long spent, DateTimeOffset now)
    {
        lock (_gate)
        {
            MoveTo(now);
            if (counter.KeepsReserved || hold.Slot == counter.Slot) _reserved -= hold.Nano;
            counter.Add(hold.Slot, spent);
            if (_share is null) return Passed();
            if (_reserved == 0) _emptied?.TrySetResult();
            return null;
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
            (long othersSpent, long othersHold) = _share is null ? (0, 0) : (_share.OthersSpent, _share.OthersHold);
            return new BudgetStatus(budget.Name, key, budget.Limit, new Money(counter.Spent + othersSpent), new Money(_reserved + othersHold), counter.ResetsAt);
        }
    }

    /// <summary>Closes the account if nothing would be lost with it: from then on nothing is reserved here.</summary>
    internal bool TryClose(DateTimeOffset now)
    {
        lock (_gate)
        {
            MoveTo(now);
            return _isClosed |= _reserved == 0 && counter.Spent == 0 && !HoldsLease();
        }
    }

    private long FreeNow() => _share is null ? Math.Max(0, budget.Limit.NanoUsd - counter.Spent - _reserved) : _share.Room(budget.Limit.NanoUsd, counter.Spent + _reserved);

    private void MoveTo(DateTimeOffset now)
    {
        long before = counter.Spent;
        if (counter.MoveTo(now)) BeginWindow();
        if (counter.Spent < before) _announced = budget.ThresholdsBelow(counter.Spent);
    }

    private void BeginWindow()
    {
        _reserved = 0;
        _share?.Restart();
        _emptied?.TrySetResult();
    }

    private double? Passed()
    {
        int passed = budget.ThresholdsBelow(counter.Spent);
        if (passed <= _announced) return null;
        _announced = passed;
        return budget.Thresholds[passed - 1];
    }
}
