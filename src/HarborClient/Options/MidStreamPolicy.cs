namespace HarborClient;

/// <summary>What happens when a stream breaks after its first update was handed out.</summary>
public enum MidStreamPolicy
{
    /// <summary>The default: the stream ends with a <see cref="StreamInterruptedException"/> that carries the partial answer.</summary>
    Fail,

    /// <summary>
    /// The next target answers again. When its text starts with what the caller already has, the seam is invisible; otherwise one marked update
    /// (<see cref="HarborChatUpdateExtensions.IsRestart"/>) tells the caller to discard what came before.
    /// </summary>
    Restart,

    /// <summary>The next target that can continue an unfinished answer does so. A target that cannot is passed over; with none left the stream fails as under <see cref="Fail"/>.</summary>
    Continue,
}
