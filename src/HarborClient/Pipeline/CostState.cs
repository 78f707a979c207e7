namespace HarborClient.Pipeline;

/// <summary>What is known of an attempt's cost.</summary>
internal enum CostState : byte
{
    /// <summary>Nothing was sent, or it has not ended: it costs nothing so far.</summary>
    None,

    /// <summary>A hard budget holds an amount for it, and it has not ended.</summary>
    Held,

    /// <summary>The same, for an answer of which not everything that is paid for is seen as it arrives.</summary>
    HeldUnseen,

    /// <summary>Its provider said what was used.</summary>
    Exact,

    /// <summary>What was used, or its price, is estimated.</summary>
    Estimated,

    /// <summary>There is no price.</summary>
    Unpriced,
}
