using System.Collections.Concurrent;

namespace HarborClient.Costs;

/// <summary>A limit, whom it is about, and their accounts. Thread-safe.</summary>
internal sealed class Budget(string name, Money limit, BudgetOptions options)
{
    /// <summary>From this many accounts on those in which nothing is are dropped, so that invented users cannot fill the memory. About 300 bytes each.</summary>
    private const int ManyAccounts = 50_000;

    private readonly ConcurrentDictionary<string, BudgetAccount> _accounts = new(StringComparer.Ordinal);
    private int _sweepAt = ManyAccounts;

    internal string Name => name;

    internal Money Limit => limit;

    internal bool IsHard => options.IsHard;

    internal IList<double> Thresholds => options.Thresholds;

    internal string? Provider => options.Provider;

    internal string? Model => options.Model;

    internal double? PreferCheapestFrom => options.PreferCheapestFrom;

    internal BudgetWindow Window => options.Window;

    /// <summary>What the client shares with other processes; null where it keeps the budget by itself. Set before the first call.</summary>
    internal BudgetSharing? Sharing { get; set; }

    internal IEnumerable<BudgetAccount> Accounts => _accounts.Values;

    internal bool Covers(in BudgetSubject subject) => CoversAllButTags(subject) && (options.Tags.Count == 0 || CoversTags(subject.Tags));

    /// <summary>As <see cref="Covers(in BudgetSubject)"/>, of an attempt whose labels are those of a ledger.</summary>
    internal bool Covers(in BudgetSubject subject, string? tags) => CoversAllButTags(subject) && options.Tags.All(tag => CostGrouping.HasTag(tags, tag.Key, tag.Value));

    /// <summary>Whose account it is.</summary>
    internal string KeyOf(in BudgetSubject subject) => options.Each switch
    {
        BudgetEach.Tenant => subject.Tenant ?? "",
        BudgetEach.User => subject.User ?? "",
        _ => "",
    };

    /// <summary>The account of whoever asks; made when first needed.</summary>
    internal BudgetAccount AccountOf(in BudgetSubject subject, DateTimeOffset now)
    {
        string key = KeyOf(subject);
        if (_accounts.TryGetValue(key, out BudgetAccount? known)) return known;
        if (_accounts.Count >= Volatile.Read(ref _sweepAt)) Sweep(now);

        // Of two that are made at once one is kept, and both callers use it.
        return _accounts.GetOrAdd(key, static (key, budget) => new BudgetAccount(budget, key, budget.Window.CreateCounter()), this);
    }

    /// <summary>Reserves in the account of whoever asks.</summary>
    internal bool TryReserve(in BudgetSubject subject, long nano, DateTimeOffset now, out BudgetHold hold)
    {
        while (true)
        {
            // One that is closed between the look-up and the reservation was empty, and is replaced.
            if (AccountOf(subject, now).TryReserve(nano, now, out hold) is { } isReserved) return isReserved;
        }
    }

    /// <summary>The account that has spent most, as gauges tell it: names of users are not theirs to tell, and would be too many.</summary>
    internal BudgetStatus Fullest(DateTimeOffset now) =>
        Statuses(now).MaxBy(status => status.Spent + status.Reserved) ?? new BudgetStatus(name, "", limit, Money.Zero, Money.Zero, null);

    internal IEnumerable<BudgetStatus> Statuses(DateTimeOffset now) => _accounts.Values.Select(account => account.Status(now));

    /// <summary>How many of the thresholds an amount has reached.</summary>
    internal int ThresholdsBelow(long spent)
    {
        int count = 0;
        while (count < options.Thresholds.Count && spent >= (decimal)options.Thresholds[count] * limit.NanoUsd && spent > 0) count++;
        return count;
    }

    private bool CoversAllButTags(in BudgetSubject subject) =>
        (options.Tenant is null || options.Tenant == subject.Tenant)
        && (options.User is null || options.User == subject.User)
        && (options.Provider is null || options.Provider.Equals(subject.Provider, StringComparison.OrdinalIgnoreCase))
        && (options.Model is null || options.Model == subject.Model);

    private bool CoversTags(IReadOnlyDictionary<string, string>? tags)
    {
        if (tags is null) return false;
        foreach ((string tag, string value) in options.Tags)
        {
            if (!tags.TryGetValue(tag, out string? given) || given != value) return false;
        }

        return true;
    }

    private void Sweep(DateTimeOffset now)
    {
        foreach (KeyValuePair<string, BudgetAccount> account in _accounts)
        {
            if (account.Value.TryClose(now)) _accounts.TryRemove(account);
        }

        Volatile.Write(ref _sweepAt, Math.Max(ManyAccounts, _accounts.Count * 2));
    }
}
