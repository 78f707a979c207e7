using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient.Costs;

/// <summary>
/// The budgets that one client shares with other processes. Its loop renews their leases, and gives back what is not used. Owner: the client, which starts it and awaits its
/// stop. Thread-safe.
/// </summary>
internal sealed class BudgetSharing : IAsyncDisposable
{
    /// <summary>Up to here a double counts nano-USD exactly, and stores may be written in Lua.</summary>
    private static readonly Money HighestLimit = Money.FromUsd(9_000_000);

    /// <summary>Longer names of users and tenants are hashed.</summary>
    private const int LongestName = 128;

    /// <summary>What was not given back by then stays leased, and counts as spent.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(1);

    private readonly IBudgetStore _store;
    private readonly bool _isOwned;
    private readonly BudgetSharingOptions _options;
    private readonly BudgetBook _budgets;
    private readonly ILogger _logger;
    private readonly string _process = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lazy<Task> _end;
    private Task _loop = Task.CompletedTask;
    private CostAlerts? _alerts;
    private long _lastShare;
    private int _failing;

    internal BudgetSharing(IBudgetStore store, bool isOwned, BudgetSharingOptions options, BudgetBook budgets, TimeProvider time, ILogger logger)
    {
        (_store, _isOwned, _options, _budgets, _logger, Time) = (store, isOwned, options, budgets, logger, time);
        _end = new Lazy<Task>(EndAsync);
    }

    internal TimeProvider Time { get; }

    internal TimeSpan MaximumWait => _options.MaximumWait;

    /// <summary>What the store calls itself.</summary>
    internal string? Source => _store.ToString();

    /// <exception cref="HarborException">A budget cannot be shared (Configuration).</exception>
    internal static void Check(IEnumerable<Budget> budgets)
    {
        foreach (Budget budget in budgets)
        {
            if (!budget.Window.CanBeShared)
            {
                throw ErrorFactory.Setting(
                    ErrorKind.Configuration,
                    $"The budget '{budget.Name}' has a rolling window (Budgets.{budget.Name}.Window), which processes cannot share (UseBudgetStore): their windows would end at different moments. Give it a calendar window.");
            }

            if (budget.Limit > HighestLimit)
                throw ErrorFactory.Setting(ErrorKind.Configuration, $"The limit of the budget '{budget.Name}' must be at most {HighestLimit} where processes share it (UseBudgetStore; was {budget.Limit}).");
        }
    }

    /// <summary>What an account is called at the store, by every process alike.</summary>
    internal static string NameOf(Budget budget, string key, DateTimeOffset? ends) =>
        string.Create(CultureInfo.InvariantCulture, $"{Short(budget.Name)}:{Short(key)}:{Short(budget.Window.ToString())}:{ends?.UtcDateTime:yyyyMMdd'T'HHmm}");

    /// <summary>Shares the client's budgets from here on.</summary>
    internal void Start(CostAlerts alerts)
    {
        _alerts = alerts;
        if (_budgets.IsEmpty) return;
        foreach (Budget budget in _budgets.All) budget.Sharing = this;
        _loop = RunAsync(_stop.Token);
    }

    internal BudgetShare NewShare() => new(_options, string.Create(CultureInfo.InvariantCulture, $"{_process}:{Interlocked.Increment(ref _lastShare)}"), Time);

    /// <summary>Makes a claim for an account and gives it the answer. Does not fail.</summary>
    internal async Task RenewAsync(BudgetAccount account, BudgetClaim claim)
    {
        using var limit = new CancellationTokenSource(_options.MaximumWait, Time);
        Task<BudgetLease>? asked = null;
        try
        {
            // A store that does not look at its token is left behind.
            asked = _store.RenewAsync(claim, limit.Token).AsTask();
            BudgetLease lease = await asked.WaitAsync(limit.Token).ConfigureAwait(false);
            if (lease is null || lease.Granted < claim.Kept || lease.Leased < Money.Zero || lease.Spent < Money.Zero) throw new InvalidDataException("The store of budgets answered what is no answer.");
            (bool wasAway, double? passed) = account.Accept(claim, lease, Time.GetUtcNow());
            if (wasAway && Interlocked.Decrement(ref _failing) == 0) Log.BudgetStoreIsBack(_logger, Source);
            if (passed is { } threshold) _alerts!.OnThreshold(account.Status(Time.GetUtcNow()), threshold);
        }
        catch (Exception e)
        {
            asked?.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            Failed(account, e);
        }
    }

    /// <summary>The store did not answer an account, or not in time.</summary>
    internal void Failed(BudgetAccount account, Exception why)
    {
        if (account.Fail() && Interlocked.Increment(ref _failing) == 1) Log.BudgetStoreFailed(_logger, Source, _options.Outage, why);
    }

    /// <summary>Begins to stop; does not wait. Idempotent.</summary>
    internal void Stop() => _ = _end.Value;

    public ValueTask DisposeAsync() => new(_end.Value);

    private static string Short(string name) => name.Length <= LongestName ? name : Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(name.AsSpan())));

    private async Task RunAsync(CancellationToken stop)
    {
        using var beat = new PeriodicTimer(_options.Beat, Time);
        try
        {
            while (await beat.WaitForNextTickAsync(stop).ConfigureAwait(false))
                await Task.WhenAll(Accounts().Where(account => account.IsDue(Time.GetUtcNow())).Select(account => account.RenewAsync(ClaimReason.Beat))).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The stop.
        }
    }

    private IEnumerable<BudgetAccount> Accounts() => _budgets.All.SelectMany(budget => budget.Accounts);

    private async Task EndAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        using var limit = new CancellationTokenSource(LongestStop, Time);
        await Task.WhenAll(Accounts().Select(account => account.EndAsync(Time.GetUtcNow(), limit.Token))).ConfigureAwait(false);
        try
        {
            if (!_isOwned) return;
            if (_store is IAsyncDisposable both) await both.DisposeAsync().ConfigureAwait(false);
            else (_store as IDisposable)?.Dispose();
        }
        catch (Exception e)
        {
            Log.BudgetStoreNotDisposed(_logger, e);
        }
        finally
        {
            _stop.Dispose();
        }
    }
}
