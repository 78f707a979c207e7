namespace HarborClient;

/// <summary>What a process says of its part of a budget that processes share. All amounts are sums since the window began, so that an answer that is lost changes nothing. Immutable.</summary>
public sealed record BudgetClaim
{
    /// <summary>The account: a budget, whose it is, and the window. The same text in every process.</summary>
    /// <value>At most 400 characters.</value>
    public required string Account { get; init; }

    /// <summary>When the account's window ends.</summary>
    /// <value><see langword="null"/> for never.</value>
    public required DateTimeOffset? WindowEnds { get; init; }

    /// <summary>Who holds the lease: no other process, and no other account of this one, has the same name.</summary>
    public required string Holder { get; init; }

    /// <summary>Grows from claim to claim of a holder.</summary>
    public required long Sequence { get; init; }

    /// <summary>The most that may be spent in the window by all processes together.</summary>
    /// <value>At most 9 million USD, so that a store may count in doubles.</value>
    public required Money Limit { get; init; }

    /// <summary>What the holder has spent.</summary>
    public required Money Spent { get; init; }

    /// <summary>What it has spent and reserved, and what it keeps of its lease beyond that: until it is answered it spends no more.</summary>
    public required Money Kept { get; init; }

    /// <summary>What calls wait for, above <see cref="Kept"/>. Where less is free, they take that.</summary>
    public required Money Needed { get; init; }

    /// <summary>What it would like to have above <see cref="Kept"/>, calls that wait included.</summary>
    public required Money Wanted { get; init; }

    /// <summary>How long the lease lasts.</summary>
    public required TimeSpan Lifetime { get; init; }
}
