using System.Globalization;
using System.Runtime.CompilerServices;

namespace HarborClient.Limits;

/// <summary>Why a limiter let nobody in, with the state that explains it and the setting that would change it.</summary>
internal static class LimitErrors
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException Waited(string name, in LimiterState state) =>
        NoPermit(state.Expected, $"No permit for {name} within {Seconds(state.MaximumWait)}: {state}. Raise Limits.MaximumWait or Limits.MaximumInFlight, or add keys or targets.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException Full(string name, in LimiterState state) =>
        NoPermit(state.Expected, $"No permit for {name}, and no more calls may wait: {state}. Raise Limits.MaximumQueued or Limits.MaximumInFlight, or add keys or targets.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException Displaced(string name, in LimiterState state) =>
        NoPermit(state.Expected, $"No permit for {name}: a more important call took the place in a full queue ({state}). Raise Limits.MaximumQueued or the call's Priority, or add keys or targets.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException TooLate(string name, TimeSpan remaining, in LimiterState state) =>
        NoPermit(state.Expected, $"No permit for {name} in the {Seconds(remaining)} that the call has left: {state}, so about {Seconds(state.Expected)} to wait. Raise TotalTimeout or Limits.MaximumInFlight, or add keys or targets.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException Paced(string name, TimeSpan allowed, string rates, in LimiterState state) =>
        NoPermit(state.Expected, $"No permit for {name} within {Seconds(allowed)}: {rates} are used up, the next request fits in {Seconds(state.Expected)} ({state}). Raise Limits.MaximumWait or the rate, or add keys or targets.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException Gated(string name, TimeSpan allowed, TimeSpan left) =>
        new(ErrorKind.RateLimited, $"{name} has refused requests and wants none for another {Seconds(left)}, longer than the {Seconds(allowed)} that this call may wait. Raise Limits.MaximumWait, or add keys or targets.")
        {
            IsTransient = true,
            RetryAfter = left,
        };

    /// <summary>No expectation at all is one of zero: nothing has come back yet that says how long a request takes.</summary>
    private static HarborException NoPermit(TimeSpan expected, string message) =>
        new(ErrorKind.NoPermit, message) { IsTransient = true, RetryAfter = expected > TimeSpan.Zero ? expected : null };

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString(time.TotalSeconds < 10 ? "0.##" : "N0", CultureInfo.InvariantCulture) + " s";

    /// <summary>Every key has used up its own daily quota.</summary>
    internal static HarborException KeyQuotaUsedUp(string provider, string model, TimeSpan wait) => new(
        ErrorKind.QuotaExhausted,
        $"Every key of '{provider}' has used up its daily quota (KeyQuota); it is filled again in {Seconds(wait)}. Raise KeyQuota.TokensPerDay or KeyQuota.UsdPerDay, add keys, or map another target. Nothing was sent.")
    {
        RetryAfter = wait,
        Provider = provider,
        Model = model,
    };
}
