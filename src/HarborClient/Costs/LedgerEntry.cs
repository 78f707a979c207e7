namespace HarborClient;

/// <summary>What one attempt cost, or several together where a ledger keeps sums. Immutable.</summary>
public readonly record struct LedgerEntry
{
    /// <summary>Different for every attempt of every process: a store that is given it twice keeps one. 0 for a sum.</summary>
    public UInt128 Id
    {
        get => new(IdHigh, IdLow);
        init => (IdHigh, IdLow) = ((ulong)(value >> 64), (ulong)value);
    }

    // Two halves: nothing that has a UInt128 in it is compiled ahead of time, and every attempt of a cold process is settled with one of these.
    internal ulong IdHigh { get; init; }

    internal ulong IdLow { get; init; }

    /// <summary>When the attempt was sent, in UTC; of a sum, the hour.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>How many attempts this is.</summary>
    public long Attempts { get; init; }

    /// <summary>How many of them answered their call.</summary>
    public long Calls { get; init; }

    /// <summary>The registered name of the provider.</summary>
    public required string Provider { get; init; }

    /// <summary>The model at that provider.</summary>
    public required string Model { get; init; }

    /// <summary>The model or alias that the caller named.</summary>
    public required string Alias { get; init; }

    /// <summary>The host it was sent to.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The tenant the call belongs to.</summary>
    public string? Tenant { get; init; }

    /// <summary>The user the call belongs to.</summary>
    public string? User { get; init; }

    /// <summary>The call's labels as <c>name=value</c>, sorted, one a line; <see langword="null"/> for none.</summary>
    public string? Tags { get; init; }

    /// <summary>What was used.</summary>
    public BilledTokens Tokens { get; init; }

    /// <summary>What the priced attempts cost, at the prices that were in force when they were sent.</summary>
    public Money Cost { get; init; }

    /// <summary>How much of the cost is estimated, because the provider did not say what was used, or the answer was left before its end.</summary>
    public Money Estimated { get; init; }

    /// <summary>How many of the attempts have no known price. What they cost is in no sum.</summary>
    public long Unpriced { get; init; }

    /// <summary>Which edition of the prices was used; of a sum, the latest.</summary>
    public string? PriceVersion { get; init; }
}
