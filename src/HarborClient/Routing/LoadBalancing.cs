namespace HarborClient;

/// <summary>Which target of an alias a call asks first. The others follow where that one fails.</summary>
public enum LoadBalancing
{
    /// <summary>Drawn by weight.</summary>
    Weighted,

    /// <summary>The one with the fewest attempts in flight for its weight.</summary>
    LeastOutstanding,

    /// <summary>The one whose answers take the least time, counting what is in flight there, for its weight.</summary>
    /// <remarks>One call in twenty is drawn by weight, so that a target that was slow once is looked at again.</remarks>
    Latency,
}
