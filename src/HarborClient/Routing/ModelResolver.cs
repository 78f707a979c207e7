using System.Collections.Concurrent;
using HarborClient.Errors;
using HarborClient.Limits;

namespace HarborClient.Routing;

/// <summary>
/// Finds the targets of a model name: an alias; <c>provider/model</c>, where the first segment is a registered provider; a provider's name alone, for its
/// default model; or a bare id that exactly one provider is known to serve. Thread-safe.
/// </summary>
internal sealed class ModelResolver
{
    /// <summary>Names that were resolved once are remembered, up to this many, so that a caller's invented names cannot fill the memory.</summary>
    private const int MaxRemembered = 1000;

    private readonly Dictionary<string, ProviderEntry> _providers;
    private readonly HealthTable _health;

    // Of calls whose alias has no budget of its own; null where these are not hedged.
    private readonly HedgeBudget? _hedging;
    private readonly Dictionary<string, ModelAlias> _aliases = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ModelAlias> _resolved = new(StringComparer.Ordinal);

    internal ModelResolver(IEnumerable<ProviderEntry> providers, IReadOnlyList<AliasDefinition> definitions, HealthTable health, HedgeBudget? hedging)
    {
        _health = health;
        _hedging = hedging;
        _providers = providers.ToDictionary(provider => provider.Name, StringComparer.Ordinal);
        foreach (AliasDefinition definition in definitions) _aliases.Add(definition.Alias, AliasOf(definition));
    }

    /// <summary>Whether some alias has targets asked besides.</summary>
    internal bool HasShadows => _aliases.Values.Any(alias => alias.Shadows.Length > 0);

    /// <summary>Resolves a name.</summary>
    /// <exception cref="HarborException">Nothing has this name; the message lists what exists.</exception>
    internal ModelAlias Resolve(string model, ErrorKind kind = ErrorKind.NotFound)
    {
        RefuseControlCharacters(model, kind == ErrorKind.NotFound ? ErrorKind.InvalidRequest : kind, "The default model or the call's model");
        if (_aliases.TryGetValue(model, out ModelAlias? alias) || _resolved.TryGetValue(model, out alias)) return alias;
        Target target = DirectTarget(model) ?? throw ErrorFactory.Setting(kind, $"Unknown model '{ErrorFactory.Quote(model)}'. {WhatExists()}");
        var single = new ModelAlias([target], null) { Hedging = _hedging };
        if (_resolved.Count < MaxRemembered) _resolved.TryAdd(model, single);
        return single;
    }

    /// <summary>Resolves the name of an embedding model: vectors of two models cannot be compared, so its targets have to be one.</summary>
    /// <exception cref="HarborException">Nothing has this name, or its targets are several models (Configuration).</exception>
    internal ModelAlias ResolveEmbedding(string model, ErrorKind kind = ErrorKind.NotFound)
    {
        ModelAlias alias = Resolve(model, kind);
        if (alias.IsOneEmbeddingModel) return alias;
        throw ErrorFactory.Setting(
            ErrorKind.Configuration,
            $"'{ErrorFactory.Quote(model)}' cannot be used for embeddings: its targets are different models ({ErrorFactory.List(alias.Targets.Select(target => target.Name))}), whose vectors cannot be "
            + "compared. Map an alias with one model, or say with MapModel(…, map => map.IsOneEmbeddingModel()) that these ids name the same model.");
    }

    /// <summary>Not only its own targets: also what a stage of others opens for a call of a local alias stays local.</summary>
    private static HarborChatOptions? DefaultsOf(AliasDefinition definition)
    {
        if (!definition.IsLocalOnly) return definition.Defaults;
        HarborChatOptions defaults = definition.Defaults is { } given ? (HarborChatOptions)given.Clone() : new HarborChatOptions();
        defaults.KeepsLocal = true;
        return defaults;
    }

    private ModelAlias AliasOf(AliasDefinition definition)
    {
        string alias = definition.Alias;
        if (definition.Targets.Count == 0) throw ErrorFactory.Setting(ErrorKind.Configuration, $"MapModel(\"{alias}\") names no target; in configuration, 'Models:{alias}' has to be an array of targets.");
        (Target Target, TargetDefinition Definition)[] targets = [.. TargetsOf(definition, definition.Targets)];
        if (targets.Length == 0) throw ErrorFactory.Setting(ErrorKind.Configuration, $"MapModel(\"{alias}\") is LocalOnly and none of its targets is at a host of one's own (AddLocal, AddZhipuLocal).");
        TargetOrder? order = TargetOrder.Create([.. targets.Select(one => one.Target)], [.. targets.Select(one => one.Definition)], definition, out IReadOnlyList<Target> sorted);
        foreach ((Target target, double share) in order?.Shares ?? []) _health.Weigh(target.Health, share);
        ShadowTarget[] shadows = [.. TargetsOf(definition, definition.Shadows, areShadows: true).Select(one => ShadowOf(one.Target, one.Definition))];
        if (order is not null || shadows.Length > 0 || targets.Any(one => one.Definition.IsCanary)) Report(alias, targets, shadows, order, sorted[0]);
        return new ModelAlias(sorted, DefaultsOf(definition), definition.IsOneEmbeddingModel || sorted.All(target => target.Model == sorted[0].Model))
        {
            Order = order,
            Shadows = shadows,
            IsStickyByUser = definition.IsStickyByUser,
            FailsOverOnContentFilter = definition.FailsOverOnContentFilter,
            IsLocalOnly = definition.IsLocalOnly,
            Hedging = definition.Hedging is { } own ? new HedgeBudget(own) : _hedging,
        };
    }

    /// <summary>An alias that spreads its calls, or has others asked besides, shows how each of its targets does.</summary>
    private void Report(string alias, (Target Target, TargetDefinition Definition)[] targets, ShadowTarget[] shadows, TargetOrder? order, Target first)
    {
        Dictionary<Target, double> shares = order?.Shares.ToDictionary(one => one.Target, one => one.Share) ?? new Dictionary<Target, double> { [first] = 1 };
        foreach ((Target target, TargetDefinition definition) in targets)
            _health.Report(target, alias, definition.IsCanary ? VariantRole.Canary : VariantRole.Stable, shares.GetValueOrDefault(target));
        foreach (ShadowTarget shadow in shadows) _health.Report(shadow.Target, alias, VariantRole.Shadow, shadow.Share);
    }

    /// <summary>Those that the alias may ask at all.</summary>
    private IEnumerable<(Target Target, TargetDefinition Definition)> TargetsOf(AliasDefinition alias, IReadOnlyList<TargetDefinition> definitions, bool areShadows = false)
    {
        foreach (TargetDefinition definition in definitions)
        {
            RefuseControlCharacters(definition.Name, ErrorKind.Configuration, $"A target of MapModel(\"{alias.Alias}\")");
            Target target = DirectTarget(definition.Name, alias, areShadows)
                ?? throw ErrorFactory.Setting(ErrorKind.Configuration, $"MapModel(\"{alias.Alias}\") names the unknown target '{ErrorFactory.Quote(definition.Name)}'. {WhatExists()}");
            if (target.IsLocal || !alias.IsLocalOnly) yield return (target, definition);
        }
    }

    /// <summary>Names go into messages, logs and metrics, where a line break would forge a line.</summary>
    private static void RefuseControlCharacters(string name, ErrorKind kind, string what)
    {
        if (name.Any(char.IsControl)) throw ErrorFactory.Setting(kind, $"{what} has a control character: '{ErrorFactory.Quote(name)}'.");
    }

    private ShadowTarget ShadowOf(Target target, TargetDefinition definition) => new(target, definition.Weight, _health.Of(_providers[target.Provider], target.Model).Breaker);

    private Target? DirectTarget(string name, AliasDefinition? alias = null, bool isShadow = false)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && slash + 1 < name.Length && _providers.TryGetValue(name[..slash], out ProviderEntry? provider)) return TargetAt(provider, name[(slash + 1)..], alias, isShadow);
        if (_providers.TryGetValue(name, out provider) && provider.DefaultModel is { } model) return TargetAt(provider, model, alias, isShadow);
        ProviderEntry[] serving = [.. _providers.Values.Where(candidate => candidate.Serves(name))];
        return serving.Length == 1 ? TargetAt(serving[0], name, alias, isShadow) : null;
    }

    private Target TargetAt(ProviderEntry provider, string model, AliasDefinition? alias, bool isShadow) =>
        new(provider.Name, model, provider.IsLocal, provider.System, provider.EndpointOf(model), alias is null ? _health.Of(provider, model) : HealthUnder(alias, provider, model, isShadow))
        {
            ContinuesAnswers = provider.ContinuesAnswers,
        };

    /// <summary>What an alias sets is laid over a copy of what the provider's options say. A shadow has a breaker of its own in any case: its failures close no target to callers.</summary>
    private TargetHealth HealthUnder(AliasDefinition alias, ProviderEntry provider, string model, bool isShadow)
    {
        TargetHealth shared = _health.Of(provider, model);
        bool hasOwnBreaker = isShadow || alias.CircuitBreaker is not null;
        if (alias.Retry is null && !hasOwnBreaker) return shared;
        string section = $"MapModel(\"{alias.Alias}\")";
        RetryOptions retry = provider.Retry.Validated(section);
        alias.Retry?.Invoke(retry);
        CircuitBreakerOptions breaker = provider.CircuitBreaker.Validated(section);
        alias.CircuitBreaker?.Invoke(breaker);
        return _health.Under(alias.Alias, shared, retry.Validated(section), hasOwnBreaker ? breaker.Validated(section) : null);
    }

    private string WhatExists() =>
        $"Aliases: {ErrorFactory.List(_aliases.Keys.Order(StringComparer.Ordinal))}. Providers: {ErrorFactory.List(_providers.Keys.Order(StringComparer.Ordinal))}. "
        + "Write 'provider/model', or map a name with MapModel; a bare id works when exactly one provider is known to serve it.";
}
