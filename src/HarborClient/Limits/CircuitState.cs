namespace HarborClient.Limits;

/// <summary>What a target's circuit breaker lets through.</summary>
internal enum CircuitState
{
    /// <summary>Everything.</summary>
    Closed,

    /// <summary>Nothing, until its break is over.</summary>
    Open,

    /// <summary>One attempt at a time, which probes whether the target is back.</summary>
    HalfOpen,
}
