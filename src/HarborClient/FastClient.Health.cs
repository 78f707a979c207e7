using HarborClient.Providers;
using HarborClient.Routing;
using HarborClient.Telemetry;

namespace HarborClient;

/// <content>How the targets are doing.</content>
public sealed partial class FastClient
{
    private readonly HealthTable _health;

    /// <summary>How the targets are doing at this moment.</summary>
    /// <value>A new snapshot each time.</value>
    public HealthReport Health => HealthReport.Of(_health);

    private readonly IDisposable _gauges;

    private IEnumerable<TargetReading> ReadTargets() => _health.All.Select(row => ReadingOf(row.Health, row.Alias));

    private static TargetReading ReadingOf(TargetHealth health, string? alias) => new(
        new TargetTags(health.System, health.Model, health.Endpoint.Host, health.Endpoint.Port, alias),
        (int)health.Breaker.State,
        alias is null ? new TargetLoad(health.InFlight, health.MaximumInFlight, health.Queued, health.SuggestedBatch) : null);

    private static ProviderEntry EntryOf(Provider provider) =>
        new(provider.Name, provider.TelemetryName, provider.EndpointOf, provider.IsLocal, provider.Serves, provider.DefaultModel)
        {
            Credentials = provider.Setup.Credential?.Count ?? 1,
            Retry = provider.Setup.Retry,
            CircuitBreaker = provider.Setup.CircuitBreaker,
            Limits = provider.Setup.Limits,
            KeyQuota = provider.Setup.KeyQuota,
            RateLimitMeans = provider.RateLimitMeans,
            ContinuesAnswers = provider.ContinuesAnswers,
        };
}
