using HarborClient.Limits;

namespace HarborClient.Routing;

/// <summary>What finding a model needs to know of a provider. Immutable.</summary>
/// <param name="Name">Its registered name.</param>
/// <param name="System">OpenTelemetry's name of the system.</param>
/// <param name="EndpointOf">The API root that serves a model.</param>
/// <param name="IsLocal">Whether the host is one's own.</param>
/// <param name="Serves">Whether a bare model id is known to be its own.</param>
/// <param name="DefaultModel">The model that its bare name stands for.</param>
internal sealed record ProviderEntry(string Name, string System, Func<string, Uri> EndpointOf, bool IsLocal, Func<string, bool> Serves, string? DefaultModel)
{
    /// <summary>How many credentials it has; a function that is asked for them counts as one, and so does a host that wants none.</summary>
    internal required int Credentials { get; init; }

    /// <summary>What it counts when it answers 429.</summary>
    internal RejectClass RateLimitMeans { get; init; }

    /// <summary>Whether it can continue an answer that another one began.</summary>
    internal bool ContinuesAnswers { get; init; }

    internal required RetryOptions Retry { get; init; }

    internal required CircuitBreakerOptions CircuitBreaker { get; init; }

    internal required LimitOptions Limits { get; init; }

    /// <summary>Null where its keys have no quota.</summary>
    internal KeyQuotaOptions? KeyQuota { get; init; }
}
