namespace HarborClient.Pipeline;

/// <summary>What is known of an attempt's cost.</summary>
internal enum CostState : byte
{
    /// <summary>Nothing was sent, or it has not ended: it costs nothing so far.</summary>
    None,

    /// <summary>Its provider said what was used.</summary>
    Exact,

    /// <summary>What was used, or its price, is estimated.</summary>
    Estimated,

    /// <summary>There is no price.</summary>
    Unpriced,
}
