namespace HarborClient;

/// <summary>Whether a target is asked at this moment.</summary>
public enum TargetState
{
    /// <summary>It is.</summary>
    Closed,

    /// <summary>It kept failing and is left alone (<see cref="CircuitBreakerOptions"/>).</summary>
    Open,

    /// <summary>One attempt at a time probes whether it is back.</summary>
    HalfOpen,

    /// <summary>All of its keys were told to wait or have no quota left.</summary>
    Cooling,
}
