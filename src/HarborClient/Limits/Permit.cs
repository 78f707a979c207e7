namespace HarborClient.Limits;

/// <summary>One request in flight at a <see cref="RouteLimiter"/>. Kept in a field of whoever sends, handed in by reference, given back once.</summary>
/// <remarks>A value on purpose: a call holds one and allocates nothing for it. Copies of it count as one another only until the first is given back, so nobody copies it.</remarks>
internal struct Permit
{
    /// <summary>Timestamp of admission: the wait before it is in no measurement.</summary>
    internal long SentAt;

    /// <summary>Charged to the token buckets, to be settled.</summary>
    internal long InputTokens;

    /// <summary>Charged to the token buckets, to be settled.</summary>
    internal long OutputTokens;

    /// <summary>Whether it has not been given back.</summary>
    internal bool IsHeld;

    /// <summary>Whether the host has taken the request: its headers are there.</summary>
    internal bool IsAccepted;

    /// <summary>Whether the host refused or failed it.</summary>
    internal bool IsLost;

    /// <summary>Whether it is the one request that may try a closed gate.</summary>
    internal bool IsProbe;
}
