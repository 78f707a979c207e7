namespace HarborClient.Routing;

/// <summary>An alias as it was written down: names of targets, not yet looked up.</summary>
internal sealed record AliasDefinition(string Alias, IReadOnlyList<TargetDefinition> Targets, HarborChatOptions? Defaults)
{
    internal bool IsOneEmbeddingModel { get; init; }

    internal IReadOnlyList<TargetDefinition> Shadows { get; init; } = [];

    /// <summary>Null: the targets are asked in their order.</summary>
    internal LoadBalancing? Balancing { get; init; }

    internal bool IsStickyByUser { get; init; }

    internal string? PreferredRegion { get; init; }

    internal bool FailsOverOnContentFilter { get; init; }

    internal bool IsLocalOnly { get; init; }

    internal Action<RetryOptions>? Retry { get; init; }

    internal Action<CircuitBreakerOptions>? CircuitBreaker { get; init; }

    /// <summary>Laid over the client's and validated; null where the alias has none.</summary>
    internal HedgingOptions? Hedging { get; init; }
}
