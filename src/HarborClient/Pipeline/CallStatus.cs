namespace HarborClient;

/// <summary>The ways in which a call can end.</summary>
public enum CallStatus
{
    /// <summary>The whole answer was delivered.</summary>
    Succeeded,

    /// <summary>It ended with an error.</summary>
    Failed,

    /// <summary>The caller cancelled it.</summary>
    Cancelled,

    /// <summary>The caller stopped reading before the end.</summary>
    Abandoned,
}
