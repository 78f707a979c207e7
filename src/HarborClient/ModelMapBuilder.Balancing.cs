using HarborClient.Errors;
using HarborClient.Routing;

namespace HarborClient;

/// <content>Which of an alias's targets a call asks, and under which rules.</content>
public sealed partial class ModelMapBuilder
{
    private const double MostWeight = 1_000_000;

    private readonly List<TargetDefinition> _shadows = [];
    private LoadBalancing? _balancing;
    private bool _isStickyByUser;
    private string? _preferredRegion;
    private bool _failsOverOnContentFilter;
    private bool _isLocalOnly;
    private Action<RetryOptions>? _retry;
    private Action<CircuitBreakerOptions>? _circuitBreaker;

    /// <summary>Spreads calls over the targets instead of asking them in their order.</summary>
    /// <param name="how">What decides which is asked first.</param>
    /// <returns>This builder.</returns>
    public ModelMapBuilder Balance(LoadBalancing how)
    {
        SettingCheck.Defined<LoadBalancing>(how, nameof(Balance));
        return With(() => _balancing = how);
    }

    /// <summary>
    /// Calls of one <see cref="HarborChatOptions.User"/> ask the same target first, in every process, so that a user sees one variant. Calls without a user
    /// go by <see cref="HarborChatOptions.Affinity"/>, which decides for balanced aliases in any case.
    /// </summary>
    /// <returns>This builder.</returns>
    public ModelMapBuilder StickyByUser() => With(() => _isStickyByUser = true);

    /// <summary>Adds a target on trial: it is asked first by its share of the calls, and otherwise only where nobody else answers.</summary>
    /// <param name="target">A model as <c>provider/model</c>, or a bare id that one provider is known to serve.</param>
    /// <param name="share">Its share of all calls; 0 to 1, and of all canaries together below 1.</param>
    /// <returns>This builder.</returns>
    public ModelMapBuilder Canary(string target, double share)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(target);
        return With(() => _targets.Add(new TargetDefinition(target, share, IsCanary: true)));
    }

    /// <summary>Asks a target besides, by its share of the chat calls, to compare it: its answer is read to the end and dropped, and its errors reach nobody.</summary>
    /// <param name="target">A model as <c>provider/model</c>, or a bare id that one provider is known to serve.</param>
    /// <param name="share">Its share of the calls, drawn call by call, or by the user where the alias is <see cref="StickyByUser"/>; 0 to 1.</param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// <para>
    /// How it does is in <see cref="HealthReport.Variants"/>. The call of the caller is asked first and neither waits for the shadow nor shares its clocks. A shadow has as long as
    /// its call: what was left of the <see cref="HarborChatOptions.TotalTimeout"/> (10 minutes where that is infinite), from its own start. It is asked once: no retry, no other target. Its requests are billed as any
    /// others, count in <see cref="FastClient.Outstanding"/> and in the health of its target, and are cancelled when the client is disposed.
    /// </para>
    /// <para>
    /// It is not asked for a call that only one provider understands (a conversation, a continuation token, hosted files, a raw request), that leaves something at the provider
    /// (<c>store</c>, <c>background</c>) or offers it tools other than functions; nor for one that must not go there (<see cref="LocalOnly"/>,
    /// <see cref="HarborBuilder.KeepLocal"/>, <see cref="HarborChatOptions.AllowedTargets"/>), nor for one that asked no target. It is skipped, and counted so, while its
    /// breaker, which is its own, or that of callers is open, while its host wants no requests, while more than half of the host's limit would be in use (<see cref="LimitOptions"/>; a
    /// host that bears one request at a time has no shadows, and one that only shadows go to may need a higher <see cref="LimitOptions.MinimumInFlight"/>), and while 100 are under way.
    /// </para>
    /// </remarks>
    public ModelMapBuilder Shadow(string target, double share = 1)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(target);
        return With(() => _shadows.Add(new TargetDefinition(target, share)));
    }

    /// <summary>Targets of this region go before the others, which are asked where none of it can be.</summary>
    /// <param name="region">A region that targets were added with, in any case of letters.</param>
    /// <returns>This builder.</returns>
    public ModelMapBuilder PreferRegion(string region)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(region);
        return With(() => _preferredRegion = region);
    }

    /// <summary>Asks the next target where the content policy of one refuses. Off unless this is called: a refusal is an answer.</summary>
    /// <returns>This builder.</returns>
    public ModelMapBuilder FailOverOnContentFilter() => With(() => _failsOverOnContentFilter = true);

    /// <summary>Calls of this alias go to hosts of one's own only; targets elsewhere are never asked, whatever happens.</summary>
    /// <returns>This builder.</returns>
    public ModelMapBuilder LocalOnly() => With(() => _isLocalOnly = true);

    /// <summary>Changes how failed requests of this alias are sent again, from what its providers' options say.</summary>
    /// <param name="configure">Called for each target with a copy of its provider's options.</param>
    /// <returns>This builder.</returns>
    public ModelMapBuilder UseRetry(Action<RetryOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return With(() => _retry += configure);
    }

    /// <summary>Gives the targets breakers of their own for the calls of this alias, changed from what its providers' options say.</summary>
    /// <param name="configure">Called for each target with a copy of its provider's options.</param>
    /// <returns>This builder.</returns>
    public ModelMapBuilder UseCircuitBreaker(Action<CircuitBreakerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return With(() => _circuitBreaker += configure);
    }

    /// <summary>Switches second attempts on for the slow calls of this alias, or changes them from what <see cref="HarborBuilder.UseHedging"/> says. Its calls have budgets of their own.</summary>
    /// <param name="configure">Changes a copy of the client's options.</param>
    /// <returns>This builder.</returns>
    public ModelMapBuilder UseHedging(Action<HedgingOptions>? configure = null) => With(() => Hedging += configure ?? (static _ => { }));

    internal Action<HedgingOptions>? Hedging { get; private set; }

    /// <summary>What was written down.</summary>
    /// <exception cref="HarborException">A weight or share is out of bounds (Configuration).</exception>
    internal AliasDefinition Define(string alias)
    {
        foreach (TargetDefinition target in _targets)
        {
            if (target.IsCanary) CheckNumber(alias, "Canary", target, "share", 1);
            else CheckNumber(alias, "Target", target, "weight", MostWeight);
        }

        foreach (TargetDefinition shadow in _shadows) CheckNumber(alias, "Shadow", shadow, "share", 1);
        TargetDefinition[] stable = [.. _targets.Where(target => !target.IsCanary)];
        if (stable.Length > 0 && stable.All(target => target.Weight == 0)) throw Wrong(alias, "gives every target the weight 0; one has to be above.");
        if (_targets.Count > 0 && stable.Length == 0) throw Wrong(alias, "has only canaries; add the target that they are tried against.");
        if (_targets.Where(target => target.IsCanary).Sum(target => target.Weight) >= 1)
            throw Wrong(alias, "gives its canaries all calls; their shares have to stay below 1 together.");
        if (_preferredRegion is { } region && !_targets.Exists(target => string.Equals(target.Region, region, StringComparison.OrdinalIgnoreCase)))
            throw Wrong(alias, $"prefers the region '{ErrorFactory.Quote(region)}', and no target was added with it.");
        return new AliasDefinition(alias, _targets, Defaults)
        {
            IsOneEmbeddingModel = AreOneEmbeddingModel,
            Shadows = _shadows,
            Balancing = _balancing ?? (stable.Any(target => target.Weight != 1) ? LoadBalancing.Weighted : null),
            IsStickyByUser = _isStickyByUser,
            PreferredRegion = _preferredRegion,
            FailsOverOnContentFilter = _failsOverOnContentFilter,
            IsLocalOnly = _isLocalOnly,
            Retry = _retry,
            CircuitBreaker = _circuitBreaker,
        };
    }

    private static void CheckNumber(string alias, string method, TargetDefinition target, string what, double most)
    {
        if (!(target.Weight >= 0 && target.Weight <= most))
            throw Wrong(alias, $"has {method}(\"{ErrorFactory.Quote(target.Name)}\") with a {what} of {target.Weight}; it must be from 0 to {most:N0}.");
    }

    private static HarborException Wrong(string alias, string what) => ErrorFactory.Setting(ErrorKind.Configuration, $"MapModel(\"{ErrorFactory.Quote(alias)}\") {what}");

    private ModelMapBuilder With(Action change)
    {
        change();
        return this;
    }
}
