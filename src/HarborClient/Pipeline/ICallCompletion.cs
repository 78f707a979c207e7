namespace HarborClient;

/// <summary>Something to do when a call or an attempt ends: give a permit back, settle a cost, record a metric.</summary>
/// <remarks>Runs exactly once, last registered first, synchronously, on whatever thread ends the call. It must not block. A throw is logged once and the rest still run.</remarks>
public interface ICallCompletion
{
    /// <summary>The call ended.</summary>
    /// <param name="call">The call or attempt it was registered on; its fold is still readable.</param>
    /// <param name="outcome">How it ended.</param>
    void OnCompleted(Call call, CallOutcome outcome);
}
