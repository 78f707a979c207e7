namespace HarborClient;

/// <summary>Which recipe of stages a call runs through. <see cref="FastClient.Describe"/> lists the stages of each.</summary>
public enum PerformanceMode
{
    /// <summary>The fewest stages: metrics, deadline, failover at once, send. For high-frequency production.</summary>
    Fast,

    /// <summary>The default: what general production wants.</summary>
    Balanced,

    /// <summary>Everything: plain calls are streamed upstream, so that a stalled or cut answer is noticed early and restarts. For critical paths and debugging.</summary>
    Full,
}
