using System.Collections.Concurrent;

namespace HarborClient.Routing;

/// <summary>The health of every target that a client has named, one for each name however many aliases share it. Bounded; thread-safe.</summary>
internal sealed class HealthTable(TimeProvider time)
{
    /// <summary>Callers can invent names of models; beyond this many, further ones of a provider share one.</summary>
    private const int MaxNames = 1000;

    private readonly ConcurrentDictionary<string, TargetHealth> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TargetHealth> _common = new(StringComparer.Ordinal);

    // Entries of _known; ConcurrentDictionary counts by taking all its locks.
    private int _count;

    /// <summary>All of them, in no order.</summary>
    internal IEnumerable<TargetHealth> All => _known.Values.Concat(_common.Values);

    internal TargetHealth Of(ProviderEntry provider, string model)
    {
        string name = $"{provider.Name}/{model}";
        if (_known.TryGetValue(name, out TargetHealth? known)) return known;
        if (Volatile.Read(ref _count) >= MaxNames) return _common.GetOrAdd(provider.Name, _ => Create($"{provider.Name}/*", provider));
        TargetHealth created = Create(name, provider);
        TargetHealth kept = _known.GetOrAdd(name, created);
        if (ReferenceEquals(kept, created)) Interlocked.Increment(ref _count);
        return kept;
    }

    /// <summary>The health of a target under an alias's own settings: what it shares stays shared.</summary>
    internal TargetHealth Under(TargetHealth shared, RetryOptions? retry, CircuitBreakerOptions? breaker) =>
        retry is null && breaker is null ? shared : shared.Under(retry, breaker, time);

    private TargetHealth Create(string name, ProviderEntry provider) => new(name, provider.Credentials, provider.Retry, provider.CircuitBreaker, time);
}
