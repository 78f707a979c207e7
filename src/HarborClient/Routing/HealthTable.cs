using System.Collections.Concurrent;
using HarborClient.Costs;
using HarborClient.Limits;

namespace HarborClient.Routing;

/// <summary>The health of every target that a client has named, one for each name however many aliases share it. Bounded; thread-safe.</summary>
internal sealed class HealthTable(TimeProvider time, RandomSource random, LimitSharing? sharing = null)
{
    /// <summary>Callers can invent names of models; beyond this many, further ones of a provider share one.</summary>
    private const int MaxNames = 1000;

    private readonly ConcurrentDictionary<string, TargetHealth> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TargetHealth> _common = new(StringComparer.Ordinal);

    // Per endpoint, credential and family of models of a provider: what hosts count together. One text: structs as keys are compiled by a cold process, which waits for it.
    private readonly ConcurrentDictionary<string, RouteLimiter> _limiters = new(StringComparer.Ordinal);

    // What the keys of providers with quotas are used for, whatever the model.
    private readonly ConcurrentDictionary<string, KeyUse> _uses = new(StringComparer.Ordinal);

    // Written while the client is built, read afterwards.
    private readonly List<(string Alias, TargetHealth Health)> _ofAliases = [];
    private readonly List<VariantFigures> _variants = [];
    private readonly Dictionary<string, double> _weights = new(StringComparer.Ordinal);

    // Entries of _known; ConcurrentDictionary counts by taking all its locks.
    private int _count;

    /// <summary>All of them by name, those under settings of an alias behind their own; the weight is the share of the first alias that balances it.</summary>
    internal IEnumerable<(TargetHealth Health, string? Alias, double? Weight)> All =>
        _known.Values.Concat(_common.Values).Select(health => (health, Alias: (string?)null))
            .Concat(_ofAliases.Select(own => (health: own.Health, Alias: (string?)own.Alias)))
            .OrderBy(row => row.health.Name, StringComparer.Ordinal).ThenBy(row => row.Alias, StringComparer.Ordinal)
            .Select(row => (row.health, row.Alias, _weights.TryGetValue(row.health.Name, out double weight) ? weight : (double?)null));

    /// <summary>The targets of aliases that spread their calls or have others asked besides, by alias and as they were mapped.</summary>
    internal IEnumerable<VariantFigures> Variants => _variants.OrderBy(variant => variant.Alias, StringComparer.Ordinal);

    internal TargetHealth Of(ProviderEntry provider, string model)
    {
        string name = $"{provider.Name}/{model}";
        if (_known.TryGetValue(name, out TargetHealth? known)) return known;
        if (Volatile.Read(ref _count) >= MaxNames) return _common.GetOrAdd(provider.Name, _ => Create($"{provider.Name}/*", provider, "*"));
        TargetHealth created = Create(name, provider, model);
        TargetHealth kept = _known.GetOrAdd(name, created);
        if (ReferenceEquals(kept, created)) Interlocked.Increment(ref _count);
        return kept;
    }

    /// <summary>The health of a target under an alias's own settings: routes and figures are shared. Only while the client is built.</summary>
    internal TargetHealth Under(string alias, TargetHealth shared, RetryOptions? retry, CircuitBreakerOptions? breaker)
    {
        TargetHealth own = shared.Under(retry, breaker, time);
        if (breaker is not null) _ofAliases.Add((alias, own));
        return own;
    }

    /// <summary>From now on it is counted how a target does for an alias. Only while the client is built.</summary>
    internal void Report(Target target, string alias, VariantRole role, double share)
    {
        target.Variant = new VariantFigures(alias, target.Name, role, share);
        _variants.Add(target.Variant);
    }

    /// <summary>An alias sends this share of its calls to a target first. Only while the client is built.</summary>
    internal void Weigh(TargetHealth health, double share) => _weights.TryAdd(health.Name, share);

    /// <summary>The keys that have a quota, by provider and place.</summary>
    internal IEnumerable<KeyUse> Keys => _uses.Values.OrderBy(use => use.Provider, StringComparer.Ordinal).ThenBy(use => use.Number);

    private KeyUse?[] UsesOf(ProviderEntry provider, int credentials)
    {
        var uses = new KeyUse?[credentials];
        if (provider.KeyQuota is not { } quota) return uses;
        var zone = TimeZoneInfo.FindSystemTimeZoneById(quota.TimeZone);
        Money? money = quota.UsdPerDay is { } usd ? Money.FromUsd(usd) : null;
        for (int i = 0; i < credentials; i++)
        {
            int number = i + 1;
            uses[i] = _uses.GetOrAdd($"{provider.Name}#{number}", _ => new KeyUse(provider.Name, number, quota.TokensPerDay, money, zone, time));
        }

        return uses;
    }

    private TargetHealth Create(string name, ProviderEntry provider, string model)
    {
        var limiters = new RouteLimiter[Math.Max(1, provider.Credentials)];
        string family = ModelFamily.Of(model);
        for (int i = 0; i < limiters.Length; i++)
        {
            Uri endpoint = provider.EndpointOf(model);
            string limited = $"{provider.Name}/{family}";

            // Processes know one another's routes by this name: it holds the place of the key among the keys, and nothing of the key, nor of a user in the address.
            string shared = $"{limited}@{endpoint.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)}#{i}";
            var created = new RouteLimiter(limited, provider.Limits, time, random.Next);
            limiters[i] = _limiters.GetOrAdd(shared, created);
            if (ReferenceEquals(limiters[i], created)) sharing?.Add(new SharedRoute(shared, created));
        }

        return new TargetHealth(name, model, provider, limiters, UsesOf(provider, limiters.Length), time);
    }
}
