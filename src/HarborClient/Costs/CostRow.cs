namespace HarborClient;

/// <summary>One row of a cost report. Immutable.</summary>
public sealed record CostRow
{
    /// <summary>What it is about; see <see cref="CostGroup"/>.</summary>
    public required string Key { get; init; }

    /// <summary>What its priced attempts cost.</summary>
    public Money Cost { get; init; }

    /// <summary>How much of that is estimated.</summary>
    public Money Estimated { get; init; }

    /// <summary>Calls that a provider answered.</summary>
    public long Calls { get; init; }

    /// <summary>Attempts, failed ones and those that lost a race included.</summary>
    public long Attempts { get; init; }

    /// <summary>Attempts without a known price: what they cost is not in <see cref="Cost"/>.</summary>
    public long Unpriced { get; init; }

    /// <summary>What was used.</summary>
    public BilledTokens Tokens { get; init; }

    /// <summary>What it would have cost at the model that the report was asked to compare with; <see langword="null"/> without one, or where that has no price.</summary>
    public Money? Counterfactual { get; init; }
}
