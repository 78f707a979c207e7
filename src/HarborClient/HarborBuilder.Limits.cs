using HarborClient.Errors;
using HarborClient.Limits;
using Microsoft.Extensions.Logging;

namespace HarborClient;

/// <content>What callers may ask for, who is asked twice, and where processes share their limits.</content>
public sealed partial class HarborBuilder
{
    private readonly CallerLimitOptions _callerLimits = new();
    private HedgingOptions? _hedging;
    private Func<ILimitExchange>? _createExchange;
    private bool _ownsExchange;

    /// <summary>Limits what each user and each tenant may ask for. In configuration: <c>CallerLimits</c>. Off unless a limit is set.</summary>
    /// <param name="configure">Changes the options; those of several calls add up.</param>
    /// <returns>This builder.</returns>
    /// <remarks>Callers are told apart by <see cref="HarborChatOptions.User"/> and <see cref="HarborChatOptions.Tenant"/>; a call that names both has to pass both.</remarks>
    public HarborBuilder UseCallerLimits(Action<CallerLimitOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return With(() => configure(_callerLimits));
    }

    /// <summary>Lets a chat call in Full that is slow to begin its answer ask a second time, with another key or at another target of its alias; the first to begin answers. Off unless this is called.</summary>
    /// <param name="configure">Changes the options; those of several calls add up.</param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// In configuration: <c>Hedging</c>, switched on by any setting in it. The one that is cancelled is in <see cref="HarborCallInfo.Attempts"/>, and
    /// <see cref="HarborCallInfo.Decisions"/> say why a slow call was or was not asked twice.
    /// </remarks>
    public HarborBuilder UseHedging(Action<HedgingOptions>? configure = null) => With(() =>
    {
        _hedging ??= new HedgingOptions();
        configure?.Invoke(_hedging);
    });

    /// <summary>Shares limits with other processes that use the same exchange: those of callers, and what each process finds out about a credential.</summary>
    /// <param name="exchange">Stays the caller's: it is not disposed, and has to live as long as the client.</param>
    /// <returns>This builder.</returns>
    /// <remarks>A call with limited callers asks the exchange once for each of them, and waits at most 50 ms. When the exchange fails, each process keeps its limits alone.</remarks>
    public HarborBuilder UseLimitExchange(ILimitExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        return With(() => (_createExchange, _ownsExchange) = (() => exchange, false));
    }

    /// <summary>Shares limits through an exchange that the client makes when it is built and disposes when it is disposed, if it can be.</summary>
    /// <param name="create">Makes it.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseLimitExchange(Func<ILimitExchange> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        return With(() => (_createExchange, _ownsExchange) = (create, true));
    }

    /// <summary>What an alias changes of the client's; null where it changes nothing.</summary>
    private HedgingOptions? HedgingOf(string alias, ModelMapBuilder map)
    {
        if (map.Hedging is not { } configure) return null;
        string section = $"MapModel(\"{alias}\").Hedging";
        HedgingOptions own = (_hedging ?? new HedgingOptions()).Validated("Hedging");
        configure(own);
        return own.Validated(section);
    }

    private LimitSharing? CreateSharing(ILogger logger)
    {
        if (_createExchange is null) return null;
        ILimitExchange exchange = _createExchange() ?? throw ErrorFactory.Setting(ErrorKind.Configuration, "The function given to UseLimitExchange returned null instead of an exchange.");
        return new LimitSharing(exchange, _ownsExchange, _time, logger);
    }
}
