namespace HarborClient.Limits;

/// <summary>One request that waits for a permit. Its task ends with the permit, the refusal, or the caller's cancellation.</summary>
/// <remarks>The fields are guarded by the limiter's gate. Continuations run elsewhere: never inside the gate.</remarks>
internal sealed class Waiter(RouteLimiter limiter, in Admission admission, CancellationToken cancellationToken)
    : TaskCompletionSource<Permit>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private CancellationTokenRegistration _cancellation;
    private ITimer? _expiry;

    internal Admission Admission { get; } = admission;

    internal CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>When it is refused; infinity for never.</summary>
    internal double ExpiresAt { get; init; }

    /// <summary>Larger is newer.</summary>
    internal long Number { get; init; }

    /// <summary>The priority that it has by now, and since when.</summary>
    internal int Level { get; set; }

    internal double LevelSince { get; set; }

    /// <summary>Where it stands; <see langword="null"/> once it has left the queue.</summary>
    internal TenantLane? Lane { get; set; }

    internal Waiter? Previous { get; set; }

    internal Waiter? Next { get; set; }

    internal long Tokens => Admission.InputTokens + Admission.OutputTokens;

    internal void Arm(TimeProvider time, TimeSpan wait)
    {
        _expiry = time.CreateTimer(static state => ((Waiter)state!).Expire(), this, wait, Timeout.InfiniteTimeSpan);
        if (CancellationToken.CanBeCanceled) _cancellation = CancellationToken.UnsafeRegister(static state => ((Waiter)state!).Cancel(), this);
    }

    /// <summary>Nothing will call back any more, except what already does and finds that it has left the queue.</summary>
    internal void Disarm()
    {
        _expiry?.Dispose();
        _cancellation.Unregister();
    }

    private void Expire() => limiter.Expire(this);

    private void Cancel() => limiter.Cancel(this);
}
