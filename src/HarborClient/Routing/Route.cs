using HarborClient.Costs;
using HarborClient.Limits;

namespace HarborClient.Routing;

/// <summary>One credential at one target: what is in flight there, and when it may be asked again. Thread-safe.</summary>
internal sealed class Route(int credential, RouteLimiter limiter, KeyUse? use, TimeProvider time)
{
    /// <summary>A host that asks for more is not believed; the reckoning stays far from overflow.</summary>
    private const double MostDays = 31;

    // Timestamps, which only ever move later.
    private long _coolUntil = long.MinValue;
    private long _barredUntil = long.MinValue;
    private long _rejectedUntil = long.MinValue;
    private int _inFlight;

    /// <summary>Which of the provider's credentials is sent.</summary>
    internal int Credential { get; } = credential;

    /// <summary>How many requests go out over it, and how fast; shared by the models of one family.</summary>
    internal RouteLimiter Limiter { get; } = limiter;

    /// <summary>What the credential is used for, whichever the target; null where it has no quota.</summary>
    internal KeyUse? Use { get; } = use;

    /// <summary>What pays for extra attempts.</summary>
    internal RetryBudget Budget { get; } = new(time);

    /// <summary>Attempts of this target over this credential.</summary>
    /// <remarks>
    /// Counted beside the limiter's, which is another figure: dated and latest versions of a model are targets of their own and share a limiter, and by its
    /// count the load balancing would take the one that is idle for as busy as the other. It is also read at every call, without the limiter's lock.
    /// </remarks>
    internal int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Whether it is worth asking, its key was not rejected, and its own quota is not used up.</summary>
    internal bool IsUsable => IsWorthAsking && Use?.UsedUpFor is null && (Interlocked.Read(ref _rejectedUntil) is var until && (until == long.MinValue || time.GetTimestamp() >= until));

    /// <summary>Whether the credential has no quota left, for now.</summary>
    internal bool IsBarred => Interlocked.Read(ref _barredUntil) is var until && until != long.MinValue && time.GetTimestamp() < until;

    /// <summary>The time until it is worth asking; null when it is.</summary>
    internal TimeSpan? CoolFor
    {
        get
        {
            long from = WorthAskingFrom;
            if (from == long.MinValue) return null;
            long now = time.GetTimestamp();
            return now >= from ? null : time.GetElapsedTime(now, from);
        }
    }

    /// <summary>Whether asking may help: it neither cools nor is barred. A rejected key is asked where there is no better one, so that its owner hears of it.</summary>
    internal bool IsWorthAsking => WorthAskingFrom is var from && (from == long.MinValue || time.GetTimestamp() >= from);

    private long WorthAskingFrom => Math.Max(Interlocked.Read(ref _coolUntil), Interlocked.Read(ref _barredUntil));

    /// <summary>The host asked to be left alone (Retry-After). Never shortens what it said before.</summary>
    internal void Cool(TimeSpan span) => MoveLater(ref _coolUntil, span);

    /// <summary>The quota of the credential is used up: it is tried again after this. Never shortens an earlier one.</summary>
    internal void Bar(TimeSpan span) => MoveLater(ref _barredUntil, span);

    /// <summary>The host does not accept the key: others are preferred for as long.</summary>
    internal void Reject(TimeSpan span) => MoveLater(ref _rejectedUntil, span);

    internal void Enter() => Interlocked.Increment(ref _inFlight);

    internal void Leave() => Interlocked.Decrement(ref _inFlight);

    private void MoveLater(ref long until, TimeSpan span)
    {
        if (span <= TimeSpan.Zero) return;
        long then = time.GetTimestamp() + (long)(Math.Min(span.TotalDays, MostDays) * TimeSpan.SecondsPerDay * time.TimestampFrequency);
        long seen = Interlocked.Read(ref until);
        while (then > seen)
        {
            long before = Interlocked.CompareExchange(ref until, then, seen);
            if (before == seen) return;
            seen = before;
        }
    }
}
