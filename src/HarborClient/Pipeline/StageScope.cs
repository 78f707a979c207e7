namespace HarborClient;

/// <summary>Where a user's stage stands.</summary>
public enum StageScope
{
    /// <summary>Once per call, inside Telemetry and Deadline and outside Failover: it sees the call as its caller made it.</summary>
    Call,

    /// <summary>Once per attempt, directly around Send: it sees one target, with the attempt's own cancellation, observers and completions.</summary>
    Attempt,
}
