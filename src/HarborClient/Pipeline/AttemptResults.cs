using HarborClient.Limits;
using HarborClient.Routing;

namespace HarborClient.Pipeline;

/// <summary>Reads an attempt's end as what it says of the host.</summary>
internal static class AttemptResults
{
    /// <summary>A rejected key may have been a key that was not valid yet; it is tried again after this.</summary>
    private static readonly TimeSpan RejectedKeyRest = TimeSpan.FromMinutes(1);

    /// <summary>Credit and quotas come back by a person's hand or by the hour.</summary>
    private static readonly TimeSpan QuotaRest = TimeSpan.FromMinutes(10);

    /// <summary>Who asks for more, as hosts do that write a date where seconds are meant, is asked whether it still means it. The limits believe no more either.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(ConcurrencyLimit.LongestGateSeconds);

    /// <summary>A key that was told to come back later, or is of no use for now, is left alone until then.</summary>
    internal static void Heed(Route route, HarborException error)
    {
        if (error.Kind is ErrorKind.RateLimited or ErrorKind.Overloaded && error.RetryAfter is { } wait) route.Cool(wait < LongestRest ? wait : LongestRest);
        else if (error.Kind == ErrorKind.QuotaExhausted) route.Bar(error.RetryAfter ?? QuotaRest);
        else if (error.Kind == ErrorKind.Authentication) route.Reject(RejectedKeyRest);
    }

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
