namespace HarborClient;

/// <summary>What a <see cref="HarborDecision"/> decided.</summary>
public enum DecisionKind
{
    /// <summary>Which targets could serve the call, in order of preference.</summary>
    Candidates,

    /// <summary>A target was passed over.</summary>
    Exclusion,

    /// <summary>A target was asked.</summary>
    Attempt,

    /// <summary>An attempt failed.</summary>
    Failure,

    /// <summary>Something was waited for: a back-off, a host's Retry-After, a permit, or a target that is left alone.</summary>
    Wait,

    /// <summary>The same target is asked again.</summary>
    Retry,

    /// <summary>The same target is asked again with another key.</summary>
    KeyRotation,

    /// <summary>Another target is asked instead.</summary>
    Failover,

    /// <summary>A second attempt beside a slow one: it was begun, or something kept it from that, or one of the two was faster.</summary>
    Hedge,

    /// <summary>A broken answer is started over.</summary>
    Restart,

    /// <summary>An attempt's answer is the call's.</summary>
    Answer,

    /// <summary>A broken answer is continued by another attempt.</summary>
    Continuation,
}
