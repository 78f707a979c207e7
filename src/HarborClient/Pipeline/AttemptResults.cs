using HarborClient.Routing;

namespace HarborClient.Pipeline;

/// <summary>Reads an attempt's end as what it says of the host.</summary>
internal static class AttemptResults
{
    /// <summary>An answer that was left or cancelled after it had begun shows that the host works. The Total clock is the caller's: it speaks against nobody.</summary>
    internal static AttemptResult Of(Call attempt, CallOutcome outcome) => outcome switch
    {
        { Status: CallStatus.Succeeded } => AttemptResult.Answered,
        { Error: HarborTimeoutException { Clock: HarborClock.Total } or { InnerException: HarborTimeoutException { Clock: HarborClock.Total } } } => AttemptResult.Nothing,
        { Error: HarborException { Kind: ErrorKind.Overloaded or ErrorKind.Timeout or ErrorKind.Network or ErrorKind.Interrupted or ErrorKind.Provider } } => AttemptResult.Failed,
        { Status: CallStatus.Abandoned or CallStatus.Cancelled } when attempt.TimeToFirstUpdate is not null => AttemptResult.Answered,
        _ => AttemptResult.Nothing,
    };
}
