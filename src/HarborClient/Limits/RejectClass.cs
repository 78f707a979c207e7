namespace HarborClient.Limits;

/// <summary>What a host that refuses a request has too much of.</summary>
internal enum RejectClass
{
    /// <summary>Requests or tokens per time.</summary>
    Rate,

    /// <summary>Requests at once.</summary>
    Concurrency,

    /// <summary>Load, from everybody.</summary>
    Overload,

    /// <summary>It does not say. Both controllers take it to heart.</summary>
    Unknown,
}
