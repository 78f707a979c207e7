namespace HarborClient.Costs;

/// <summary>The budgets of one client. A call reserves in all that it is in, or in none. Thread-safe.</summary>
internal sealed class BudgetBook(IReadOnlyList<Budget> budgets)
{
    internal bool IsEmpty => budgets.Count == 0;

    internal IReadOnlyList<Budget> All => budgets;

    /// <summary>Whether other processes spend from the same budgets: all of a client's are shared, or none.</summary>
    internal bool AreShared => budgets.Count > 0 && budgets[0].Sharing is not null;

    internal bool Covers(in BudgetSubject subject)
    {
        foreach (Budget budget in budgets)
        {
            if (budget.Covers(subject)) return true;
        }

        return false;
    }

    internal bool IsHardFor(in BudgetSubject subject)
    {
        foreach (Budget budget in budgets)
        {
            if (budget.IsHard && budget.Covers(subject)) return true;
        }

        return false;
    }

    /// <summary>Reserves an amount in every budget that the call is in, always in the same order; what was reserved goes back where a later one refuses.</summary>
    /// <returns>The reservations; null where one refuses.</returns>
    internal BudgetHold[]? Reserve(in BudgetSubject subject, long nano, DateTimeOffset now, out BudgetAccount? refusing)
    {
        refusing = null;
        var holds = new List<BudgetHold>(2);
        foreach (Budget budget in budgets)
        {
            if (!budget.Covers(subject)) continue;
            if (budget.TryReserve(subject, nano, now, out BudgetHold hold))
            {
                holds.Add(hold);
                continue;
            }

            foreach (BudgetHold taken in holds) taken.Account.Settle(taken, 0, now);
            refusing = budget.AccountOf(subject, now);
            return null;
        }

        return [.. holds];
    }

    /// <summary>How much fits into all budgets that the call is in.</summary>
    internal long Free(in BudgetSubject subject, DateTimeOffset now)
    {
        long least = long.MaxValue;
        foreach (Budget budget in budgets)
        {
            if (budget.Covers(subject)) least = Math.Min(least, budget.AccountOf(subject, now).Free(now));
        }

        return least;
    }

    /// <summary>Whether a budget that the call is in has gone so far that cheap targets come first.</summary>
    internal bool PrefersCheapest(in BudgetSubject subject, DateTimeOffset now)
    {
        foreach (Budget budget in budgets)
        {
            if (budget.PreferCheapestFrom is { } share && budget.Covers(subject) && budget.AccountOf(subject, now).Status(now).Spent.NanoUsd >= share * budget.Limit.NanoUsd) return true;
        }

        return false;
    }

    /// <summary>One for each budget.</summary>
    internal IEnumerable<BudgetStatus> Fullest(DateTimeOffset now) => budgets.Select(budget => budget.Fullest(now));

    internal IReadOnlyList<BudgetStatus> Statuses(DateTimeOffset now) => [.. budgets.SelectMany(budget => budget.Statuses(now))];
}
