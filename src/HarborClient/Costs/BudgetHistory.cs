using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient.Costs;

/// <summary>
/// What was spent before the client was built, read from its ledger's store when the first call in a budget needs it: once, for all who wait. What the client spends
/// itself its accounts count, whatever becomes of the store. Thread-safe.
/// </summary>
internal sealed class BudgetHistory(ILedgerStore store, BudgetBook budgets, TimeProvider time, ILogger logger, CancellationToken shutdown)
{
    /// <summary>A store that has just failed is not asked again at once.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // From then on the accounts count.
    private readonly DateTimeOffset _built = time.GetUtcNow();
    private readonly Lock _gate = new();

    // Guarded by _gate; the result is what went wrong.
    private Task<Exception?>? _loading;
    private long _failedAt;
    private volatile bool _isLoaded;

    internal bool IsLoaded => _isLoaded;

    /// <summary>What the store calls itself.</summary>
    internal string? Source => store.ToString();

    /// <summary>Loads it, or waits for the load that is under way.</summary>
    /// <returns>Null where it is loaded; otherwise why it cannot be.</returns>
    internal Task<Exception?> LoadAsync()
    {
        lock (_gate)
        {
            bool hasFailed = _loading is { IsCompleted: true } && !_isLoaded;
            if (_loading is null || (hasFailed && time.GetElapsedTime(_failedAt) >= Pause)) _loading = TryLoadAsync(isFirst: !hasFailed);
            return _loading;
        }
    }

    private async Task<Exception?> TryLoadAsync(bool isFirst)
    {
        // Away from the lock, whatever the store does on its caller's thread.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            foreach (((Budget budget, string _, long _), Sum sum) in await ReadAsync().ConfigureAwait(false)) budget.AccountOf(sum.Subject, _built).Restore(sum.At, sum.Nano, time.GetUtcNow());
            _isLoaded = true;
            if (!isFirst) Log.BudgetsRestored(logger, Source);
            return null;
        }
        catch (Exception e)
        {
            // Calls in hard budgets are told.
            if (isFirst) Log.BudgetsNotRestored(logger, Source, e);
            Volatile.Write(ref _failedAt, time.GetTimestamp());
            return e;
        }
    }

    /// <summary>Everything, before anything is counted: a store that fails in the middle is read again from the beginning.</summary>
    private async Task<Dictionary<(Budget Budget, string Key, long Slot), Sum>> ReadAsync()
    {
        (Budget Budget, SpendCounter Counter)[] open = [.. budgets.All.Select(budget => (budget, budget.Window.CreateCounter()))];
        foreach ((_, SpendCounter counter) in open) counter.MoveTo(_built);
        var sums = new Dictionary<(Budget Budget, string Key, long Slot), Sum>();
        DateTimeOffset from = budgets.All.Min(budget => budget.Window.ReachesBackTo(_built));
        await foreach (LedgerEntry entry in store.ReadAsync(from, _built, shutdown).ConfigureAwait(false))
        {
            var subject = new BudgetSubject(entry.Tenant, entry.User, null, entry.Provider, entry.Model);
            foreach ((Budget budget, SpendCounter counter) in open)
            {
                if (counter.SlotOf(entry.At) is not { } slot || !budget.Covers(subject, entry.Tags)) continue;
                (Budget, string, long) place = (budget, budget.KeyOf(subject), slot);
                long before = sums.GetValueOrDefault(place).Nano;
                sums[place] = new Sum(subject, entry.At, entry.Cost.NanoUsd > long.MaxValue - before ? long.MaxValue : before + entry.Cost.NanoUsd);
            }
        }

        return sums;
    }

    private readonly record struct Sum(BudgetSubject Subject, DateTimeOffset At, long Nano);
}
