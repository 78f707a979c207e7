using HarborClient.Caching;
using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Routing;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <content>The attempts of a call: who was asked, who may still be, and why.</content>
public partial class Call
{
    // The attempts, the latest first: a list through the attempts themselves.
    private Attempt? _latest;

    // Made when there is something to keep.
    private CallCourse? _course;

    internal int AttemptCount => Asked._latest?.Number ?? 0;

    /// <summary>Who was asked last.</summary>
    internal Target? LatestTarget => _latest?.Target;

    /// <summary>The targets that this call may go to, in the order it prefers.</summary>
    internal IReadOnlyList<Target> Candidates
    {
        get => _course?.Candidates ?? Targets;
        set
        {
            if (!ReferenceEquals(value, Targets)) Course.Candidates = value;
        }
    }

    /// <summary>What the attempts from now on ask, to continue an answer that broke; null for what the caller asked.</summary>
    internal CallRequest? Continuation
    {
        get => _course?.Continuation;
        set => Course.Continuation = value;
    }

    private CallCourse Course => _course ?? Interlocked.CompareExchange(ref _course, new CallCourse(), null) ?? _course;

    /// <summary>Opens an attempt at a target: a child with everything of its own. Whoever opens it ends it, or hands up its reader, which does.</summary>
    /// <param name="target">Where it goes.</param>
    /// <returns>The attempt.</returns>
    /// <exception cref="InvalidOperationException">This is itself an attempt.</exception>
    /// <exception cref="HarborException">The call must not go there (<see cref="ErrorKind.NoPermittedTarget"/>).</exception>
    public Call BeginAttempt(Target target)
    {
        ArgumentNullException.ThrowIfNull(target);
        CheckMayBegin(target);
        return Begin(target, route: null, isProbe: false, isHedge: false);
    }

    /// <summary>The same, unless the target is being left alone.</summary>
    /// <param name="target">Where it goes.</param>
    /// <param name="route">The key it is sent with; null leaves that to the stages inside.</param>
    /// <param name="isHedge">Whether it runs beside another one.</param>
    /// <returns>The attempt; null while the target's breaker lets nobody through.</returns>
    internal Call? TryBeginAttempt(Target target, Route? route = null, bool isHedge = false)
    {
        CheckMayBegin(target);
        return target.Health.Breaker.TryEnter(out bool isProbe) ? Begin(target, route, isProbe, isHedge) : null;
    }

    private void CheckMayBegin(Target target)
    {
        if (Parent is not null) throw new InvalidOperationException("An attempt cannot open attempts; the root does.");
        if (IsLeft || _callerToken.IsCancellationRequested) throw new OperationCanceledException("The call was cancelled by its caller.", _callerToken);
        if (_services.Shutdown.IsCancellationRequested) ErrorFactory.ThrowDisposed();
        if (!Settings.Permits(target)) throw ErrorFactory.NoPermittedTarget(RequestedModel, [target.Name], Settings.AllowedTargets, Settings.IsLocalOnly);
    }

    private Attempt Begin(Target target, Route? route, bool isProbe, bool isHedge)
    {
        var attempt = new Attempt(this, target) { Route = route, IsProbe = isProbe, IsHedge = isHedge };

        // Leave sets its mark and then cancels the attempts, latest first; whichever comes second here sees the other.
        attempt.Earlier = _latest;
        Interlocked.Exchange(ref _latest, attempt);
        if (IsLeft) attempt.Clocks.Cancel();
        attempt.OwnClocks.Stretch(DeadlineTimestamp);
        if (_course is not null) Decide(DecisionKind.Attempt, target, isProbe ? "asked, to see whether it is back" : "asked", attempt: attempt.Number);
        return attempt;
    }

    /// <summary>The caller left while a read was pending: the read ends, and whoever reads ends the call.</summary>
    internal void Leave()
    {
        Volatile.Write(ref _isLeft, true);
        Interlocked.MemoryBarrier();
        for (Attempt? attempt = Volatile.Read(ref _latest); attempt is not null; attempt = attempt.Earlier) attempt.Clocks.Cancel();
        _course?.CancelPause();
        Shared?.OnLeft();
    }

    /// <summary>Asks something beside the call, for so long at most. The caller, and the client's disposal, end it early.</summary>
    /// <exception cref="TimeoutException">It took longer; it has been told so, and is left behind.</exception>
    internal async ValueTask<T> AskAsideAsync<T>(Func<CancellationToken, ValueTask<T>> ask, TimeSpan limit)
    {
        var pause = CancellationTokenSource.CreateLinkedTokenSource(_callerToken, _services.Shutdown);
        CancellationToken token = pause.Token;
        Course.BeginPause(pause);
        try
        {
            if (IsLeft) throw new OperationCanceledException();
            return await LevelCalls.AskAsync(ask, limit, _services.Time, token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (IsLeft || token.IsCancellationRequested)
        {
            if (!IsLeft && !_callerToken.IsCancellationRequested && _services.Shutdown.IsCancellationRequested) ErrorFactory.ThrowDisposed();
            throw new OperationCanceledException("The call was cancelled by its caller.", _callerToken);
        }
        finally
        {
            Course.EndPause();
        }
    }

    /// <summary>Waits between attempts, holding nothing. The caller, and the client's disposal, end it early.</summary>
    internal async ValueTask PauseAsync(TimeSpan wait)
    {
        if (wait <= TimeSpan.Zero) return;
        var pause = CancellationTokenSource.CreateLinkedTokenSource(_callerToken, _services.Shutdown);
        Course.BeginPause(pause);
        try
        {
            if (IsLeft) throw new OperationCanceledException();

            // Delays drop what is less than a millisecond: too early for a host that has named a time, and no wait at all for a short one.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), _services.Time, pause.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            if (!IsLeft && !_callerToken.IsCancellationRequested && _services.Shutdown.IsCancellationRequested) ErrorFactory.ThrowDisposed();
            throw new OperationCanceledException("The call was cancelled by its caller.", _callerToken);
        }
        finally
        {
            Course.EndPause();
        }
    }

    /// <summary>The answer comes from the attempt that this reader reads; where a stage of others made the reader, from the one that is open.</summary>
    internal void Adopt(Call attempt, UpdateReader reader) => _adopted = reader.Source ?? (attempt.HasEnded ? _latest : attempt);

    /// <summary>Whether this call has asked a target, and not only beside another one that was faster.</summary>
    internal bool HasAsked(Target target)
    {
        for (Attempt? attempt = _latest; attempt is not null; attempt = attempt.Earlier)
        {
            if (ReferenceEquals(attempt.Place, target) && !attempt.IsOvertaken) return true;
        }

        return false;
    }

    /// <summary>How many attempts of this call went to a target.</summary>
    internal int TimesAsked(Target target)
    {
        int times = 0;
        for (Attempt? attempt = _latest; attempt is not null; attempt = attempt.Earlier)
        {
            if (ReferenceEquals(attempt.Place, target)) times++;
        }

        return times;
    }

    /// <summary>How the latest attempt of this call at a target failed; null where it did not, or with an error that is not the library's.</summary>
    internal HarborException? LatestErrorOf(Target target)
    {
        Attempt? attempt = _latest;
        while (attempt is not null && !ReferenceEquals(attempt.Place, target)) attempt = attempt.Earlier;
        return attempt?.Error as HarborException;
    }

    /// <summary>Whether somebody else than these attempts' targets could be asked right now.</summary>
    internal bool HasOtherReady()
    {
        foreach (Target target in Candidates)
        {
            if (!HasAsked(target) && target.Health.IsReady) return true;
        }

        return false;
    }

    /// <summary>Whether an attempt of this call ran beside another one.</summary>
    internal bool IsHedged
    {
        get
        {
            for (Attempt? attempt = _latest; attempt is not null; attempt = attempt.Earlier)
            {
                if (attempt.IsHedge) return true;
            }

            return false;
        }
    }

    /// <summary>How many attempts it has taken beyond one a target.</summary>
    internal int ExtraAttempts => _course?.ExtraAttempts ?? 0;

    /// <summary>Takes one of the attempts that a call has beyond one a target.</summary>
    internal bool TryTakeExtraAttempt(int most) => Course.TryTakeExtraAttempt(most);

    /// <summary>The time left of the Total clock.</summary>
    internal TimeSpan Remaining => _deadline == long.MaxValue ? TimeSpan.MaxValue : _services.Time.GetElapsedTime(_services.Time.GetTimestamp(), _deadline);

    /// <summary>Writes down why the call went the way it goes. What every call does (first target asked, first target answers) is not written but told from the attempts.</summary>
    internal void Decide(DecisionKind kind, Target? target, string reason, TimeSpan? wait = null, Exception? error = null, int? attempt = null)
    {
        if (Parent is { } root)
        {
            root.Decide(kind, target, reason, wait, error, attempt);
            return;
        }

        Course.Add(new HarborDecision(kind, Elapsed, target?.Name, reason, wait, (error as HarborException)?.Kind, attempt), Candidates, _latest);
    }

    /// <summary>What was written down; null for a call of which there is nothing to tell.</summary>
    internal HarborDecision[]? Decisions => Asked._course?.Decisions();

    /// <summary>Figures of the one attempt that there was, if it answers the call and nothing was wrong with it: all else about it is the call's.</summary>
    internal (TimeSpan Duration, TimeSpan FirstUpdate, System.Net.HttpStatusCode Status, UsageDetails? Usage)? OnlyAttempt =>
        Asked._latest is { Number: 1, Error: null, TimeToFirstUpdate: { } first, StatusCode: { } status } only && ReferenceEquals(only, Adopted)
            ? (only.Duration, first, status, only._fold?.Usage)
            : null;

    internal HarborAttempt[] DescribeAttempts()
    {
        if (AttemptCount == 0) return [];
        var described = new HarborAttempt[AttemptCount];
        for (Attempt? attempt = Asked._latest; attempt is not null; attempt = attempt.Earlier) described[attempt.Number - 1] = attempt.Describe();
        return described;
    }

    /// <summary>When this attempt began, since the start of the call.</summary>
    internal TimeSpan SinceStartOfCall => Parent is null ? TimeSpan.Zero : _services.Time.GetElapsedTime(Parent.StartedAt, StartedAt);
}
