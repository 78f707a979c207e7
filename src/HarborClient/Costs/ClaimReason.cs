namespace HarborClient.Costs;

/// <summary>Why a lease is renewed.</summary>
internal enum ClaimReason
{
    /// <summary>A call waits, or soon one would.</summary>
    More,

    /// <summary>It is time: what is not used goes back.</summary>
    Beat,

    /// <summary>The client ends: everything goes back.</summary>
    End,
}
