using HarborClient.Errors;
using Microsoft.Extensions.Logging;

namespace HarborClient;

/// <content>What calls cost.</content>
public sealed partial class HarborBuilder
{
    private readonly PriceOptions _prices = new();
    private readonly LedgerOptions _ledger = new();
    private AlertOptions? _alerts;
    private Func<TimeProvider, ILoggerFactory, ILedgerStore>? _createLedger;

    /// <summary>Sets prices of one's own models, a file of prices, and what happens at models without one.</summary>
    /// <param name="configure">Changes the options; those of several calls add up.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UsePrices(Action<PriceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return With(() => configure(_prices));
    }

    /// <summary>Sets how much the ledger in memory keeps. It is on without this.</summary>
    /// <param name="configure">Changes the options; those of several calls add up.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseLedger(Action<LedgerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return With(() => configure(_ledger));
    }

    /// <summary>Keeps what attempts cost in a store as well, from which reports are then made. HarborClient.Sqlite has one.</summary>
    /// <param name="create">Makes it when the client is built; the client disposes it.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseLedgerStore(Func<TimeProvider, ILoggerFactory, ILedgerStore> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        return With(() =>
        {
            if (_createLedger is not null) throw ErrorFactory.Setting(ErrorKind.Configuration, "The ledger is kept in one store: UseLedgerStore, or a package's Use…Ledger, was called twice.");
            _createLedger = create;
        });
    }

    /// <summary>Tells of unusual spending and dear models too, and posts alerts to an address. Without this, alerts are those of budgets and of models without a price.</summary>
    /// <param name="configure">Changes the options; those of several calls add up.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseAlerts(Action<AlertOptions>? configure = null) => With(() =>
    {
        _alerts ??= new AlertOptions();
        configure?.Invoke(_alerts);
    });

    private ILedgerStore? CreateLedger() => _createLedger is null ? null
        : _createLedger(_time, _loggers) ?? throw ErrorFactory.Setting(ErrorKind.Configuration, "The function given to UseLedgerStore returned null instead of a store.");
}
