using HarborClient.Costs;
using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient;

/// <summary>What a client's calls have cost (<see cref="FastClient.Costs"/>). Thread-safe.</summary>
/// <remarks>
/// Without a store (<see cref="HarborBuilder.UseLedgerStore"/>) the ledger is in memory: sums by the hour, of this process, for as long as they fit
/// (<see cref="LedgerOptions.MaximumLines"/>); a report then takes in every hour that its time touches. With one, a report is made of single attempts, of every
/// process that writes to it. What a price was when an attempt was sent stays its price: newer prices change no past report.
/// </remarks>
public sealed class CostReports
{
    private readonly MemoryLedger _memory;
    private readonly PriceBook _prices;
    private readonly Func<string, PriceRow?> _priceOf;
    private readonly BudgetBook _budgets;
    private readonly CostAlerts _alerts;
    private readonly TimeProvider _time;

    internal CostReports(MemoryLedger memory, PriceBook prices, ILedgerStore? store, BudgetBook budgets, CostAlerts alerts, TimeProvider time, Func<string, PriceRow?> priceOf)
    {
        _budgets = budgets;
        _alerts = alerts;
        _time = time;
        _memory = memory;
        _prices = prices;
        _priceOf = priceOf;
        Store = store;
    }

    /// <summary>Something about money that somebody should know. It is logged too.</summary>
    /// <remarks>Raised on a thread of the pool, one after the other in their order, so that no call waits for a listener; one that throws is logged.</remarks>
    public event EventHandler<CostAlert>? Alert
    {
        add => _alerts.Raised += value;
        remove => _alerts.Raised -= value;
    }

    /// <summary>A day is over, in UTC: told as the first call of a later day ends.</summary>
    /// <remarks>Raised on a thread of the pool. A day is told by the client that made calls on it and on a later one: one that is disposed before tells nothing.</remarks>
    public event EventHandler<CostDay>? DayEnded;

    /// <summary>How the budgets stand at this moment.</summary>
    /// <value>
    /// A new list each time: of a budget for each tenant or user, one row for each that has been seen. With a store, what was spent before the client was built is in it
    /// from the first call in a budget on. Where processes share the budgets, <c>Spent</c> and <c>Reserved</c> are of all of them, the others as of the last renewal.
    /// </value>
    public IReadOnlyList<BudgetStatus> Budgets => _budgets.Statuses(_time.GetUtcNow());

    /// <summary>Which prices are in force: the day of the catalogue, and what overrules it.</summary>
    public string PriceVersion => _prices.Edition.Version;

    /// <summary>Where the ledger is kept beyond the process (<see cref="HarborBuilder.UseLedgerStore"/>); <see langword="null"/> where it is in memory only.</summary>
    public ILedgerStore? Store { get; }

    /// <summary>What was spent, by one of the things that calls differ in.</summary>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The moment after the last.</param>
    /// <param name="groupBy">What the rows are.</param>
    /// <param name="cancellationToken">Ends the reading of a store.</param>
    /// <returns>The rows, the dearest first; days in their order.</returns>
    public Task<CostReport> ReportAsync(DateTimeOffset from, DateTimeOffset to, CostGroup groupBy, CancellationToken cancellationToken = default) =>
        ReportAsync(from, to, new CostGrouping(Checked(groupBy), null), cancellationToken);

    /// <summary>The same, and what it would have cost at another model: what calls of one's own hosts would have cost in the cloud, or what a cheaper model would have saved.</summary>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The moment after the last.</param>
    /// <param name="groupBy">What the rows are.</param>
    /// <param name="counterfactual">The model, as <c>provider/model</c>: a registered provider, or one of the catalogue's (openai, anthropic, gemini, zai, zhipuai, openrouter).</param>
    /// <param name="cancellationToken">Ends the reading of a store.</param>
    /// <returns>Rows with <see cref="CostRow.Counterfactual"/>: the same tokens at that model's prices of the same time. Another tokenizer would count a little differently.</returns>
    /// <exception cref="HarborException">The model has no price (<see cref="ErrorKind.Configuration"/>).</exception>
    public Task<CostReport> ReportAsync(DateTimeOffset from, DateTimeOffset to, CostGroup groupBy, string counterfactual, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(counterfactual);
        PriceRow row = _priceOf(counterfactual)
            ?? throw ErrorFactory.Setting(ErrorKind.Configuration, $"'{ErrorFactory.Quote(counterfactual)}' has no price to compare with. Name it as provider/model, or give it one with UsePrices.");
        return ReportAsync(from, to, new CostGrouping(Checked(groupBy), entry => row.PriceOf(entry.Tokens with { Searches = 0 }, entry.At, null, TimeSpan.Zero)), cancellationToken);
    }

    /// <summary>What was spent on each day.</summary>
    /// <param name="days">How many days back, today included.</param>
    /// <param name="now">The end.</param>
    /// <param name="cancellationToken">Ends the reading of a store.</param>
    /// <returns>A row for each day on which something was asked, in order.</returns>
    public Task<CostReport> TrendAsync(int days, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(days);
        return ReportAsync(new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(1 - days), now, CostGroup.Day, cancellationToken);
    }

    /// <summary>Those on whom, or on which, most was spent.</summary>
    /// <param name="groupBy">What the rows are, such as <see cref="CostGroup.User"/> or <see cref="CostGroup.Endpoint"/>.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The moment after the last.</param>
    /// <param name="cancellationToken">Ends the reading of a store.</param>
    /// <returns>The rows, the dearest first.</returns>
    public async Task<IReadOnlyList<CostRow>> TopAsync(CostGroup groupBy, int count, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        CostReport report = await ReportAsync(from, to, groupBy, cancellationToken).ConfigureAwait(false);
        return [.. report.OrderByDescending(row => row.Cost).Take(count)];
    }

    /// <summary>Writes the entries of the ledger as CSV (RFC 4180, UTF-8, a head line): single attempts where there is a store, sums by the hour otherwise.</summary>
    /// <param name="writer">Where to; it stays open.</param>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The moment after the last.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>How many lines were written after the head.</returns>
    public async Task<long> ExportCsvAsync(TextWriter writer, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(writer);
        await writer.WriteLineAsync(LedgerCsv.Head.AsMemory(), cancellationToken).ConfigureAwait(false);
        long lines = 0;
        await foreach (LedgerEntry entry in EntriesAsync(from, to, cancellationToken).ConfigureAwait(false))
        {
            await writer.WriteLineAsync(LedgerCsv.Line(entry).AsMemory(), cancellationToken).ConfigureAwait(false);
            lines++;
        }

        return lines;
    }

    /// <summary>What is done when hours are over; set once, before the first call.</summary>
    internal LedgerRounds? Rounds { get; set; }

    /// <summary>Since when everything is known; null where nothing was dropped.</summary>
    internal DateTimeOffset? KnownSince => Store is null ? _memory.KnownSince : null;

    internal bool HasDayListeners => DayEnded is not null;

    internal void OnDayEnded(CostDay day, ILogger logger)
    {
        if (DayEnded is not { } listeners) return;
        foreach (EventHandler<CostDay> listener in Delegate.EnumerateInvocationList(listeners))
        {
            try
            {
                listener(this, day);
            }
            catch (Exception e)
            {
                // A listener's fault is nobody else's.
                Log.CostListenerThrew(logger, e);
            }
        }
    }

    /// <summary>The entries of a time: those of the store, where there is one.</summary>
    internal async IAsyncEnumerable<LedgerEntry> EntriesAsync(DateTimeOffset from, DateTimeOffset to, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Store is null)
        {
            foreach (LedgerEntry line in _memory.Read(from, to)) yield return line;
            yield break;
        }

        await foreach (LedgerEntry entry in Store.ReadAsync(from, to, cancellationToken).ConfigureAwait(false)) yield return entry;
    }

    /// <summary>Ends what runs beside calls, and writes what the store has not written.</summary>
    internal async ValueTask StopAsync()
    {
        if (_alerts.Webhook is { } webhook) await webhook.DisposeAsync().ConfigureAwait(false);
        if (Rounds is not null) await Rounds.DisposeAsync().ConfigureAwait(false);
        if (Store is not null) await Store.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<CostReport> ReportAsync(DateTimeOffset from, DateTimeOffset to, CostGrouping grouping, CancellationToken cancellationToken)
    {
        await foreach (LedgerEntry entry in EntriesAsync(from, to, cancellationToken).ConfigureAwait(false)) grouping.Add(entry);
        return grouping.ToReport(KnownSince);
    }

    private static CostGroup Checked(CostGroup groupBy) =>
        Enum.IsDefined(groupBy) ? groupBy : throw new ArgumentOutOfRangeException(nameof(groupBy), groupBy, "Not a member of CostGroup.");
}
