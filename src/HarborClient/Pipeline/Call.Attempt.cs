using HarborClient.Limits;
using HarborClient.Pipeline;
using HarborClient.Routing;

namespace HarborClient;

/// <content>What an attempt has beyond what every call has.</content>
public partial class Call
{
    private Attempt? Own => this as Attempt;

    /// <summary>What the attempt is sent with: the key, and what it becomes on the way.</summary>
    internal void UseKey(string? key, string? sent)
    {
        Attempt own = Own!;
        (own.Key, own.SentKey) = (key, sent);
    }

    /// <summary>A call at one target. Only the place of these fields: half of all calls are roots, which would carry 130 bytes of nothing.</summary>
    private sealed partial class Attempt : Call
    {
        internal readonly Call Root;
        internal readonly Target Place;
        internal readonly AttemptClocks OwnClocks;
        internal readonly short Number;
        internal Attempt? Earlier;
        internal new Route? Route;
        internal new string? Key;
        internal new string? SentKey;
        internal new string? RequestId;
        internal new Pools.PooledBody? Body;

        // Owner: this attempt, from EnterRoute until it leaves the route.
        internal Permit Permit;

        // 1 while the attempt is counted at its route; whoever sets it back to 0 takes it off there.
        internal byte OnRoute;
        internal new bool IsProbe;
        internal new bool IsHedge;
        internal new bool IsOvertaken;
        internal new bool IsSettled;

        // Whether its request has been handed to the transport: from then on its host may charge for it.
        internal new bool WasSent;
        internal CostState CostState;
        internal long CostNano;

        // The maximum of output tokens that a budget sets; 0 for none.
        internal int OutputLimit;
        internal new bool IsOutputLowered;

        // Of its end, set once.
        internal Exception? Error;
        internal long EndedAt = -1;

        internal Attempt(Call root, Target place) : base(root)
        {
            Root = root;
            Place = place;
            Number = (short)(root.AttemptCount + 1);
            OwnClocks = new AttemptClocks(root._services.ClockPool, root._deadline, root._callerToken);
        }

        internal TimeSpan Duration => EndedAt < 0 ? Elapsed : _services.Time.GetElapsedTime(StartedAt, EndedAt);

        /// <summary>Lets it go before others where it still waits for its permit.</summary>
        internal void RaiseInQueue(CallPriority priority)
        {
            if (!HasEnded && Volatile.Read(ref OnRoute) == 0) Volatile.Read(ref Route)?.Limiter.Raise(priority, OwnClocks.Token);
        }

        internal HarborAttempt Describe() => new()
        {
            Number = Number,
            Provider = Place.Provider,
            Model = Place.Model,
            Duration = Duration,
            TimeToFirstUpdate = TimeToFirstUpdate,
            Error = Error is { } error ? (error as HarborException)?.Kind ?? ErrorKind.Interrupted : null,
            StatusCode = StatusCode,
            RequestId = RequestId,
            IsOvertaken = IsOvertaken,
            Usage = _fold?.Usage,
            Cost = AttemptCost,
            IsCostEstimated = IsCostEstimated,
        };
    }
}
