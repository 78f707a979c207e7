namespace HarborClient.Costs;

/// <content>Where processes share the budget: its lease, which is renewed by one claim at a time.</content>
internal sealed partial class BudgetAccount
{
    private readonly BudgetShare? _share = budget.Sharing?.NewShare();

    // Guarded by _gate.
    private Task? _renewal;
    private TaskCompletionSource? _emptied;

    /// <summary>Whether calls are refused because the store does not answer, whatever is spent.</summary>
    internal bool RefusesForOutage
    {
        get
        {
            lock (_gate) return _share is { RefusesForOutage: true };
        }
    }

    /// <summary>Has the store asked for what a call needs, unless it has just said that there is no more.</summary>
    /// <param name="nano">What the call needs.</param>
    /// <param name="left">How long it may wait.</param>
    /// <param name="cancellationToken">The call's own end.</param>
    /// <returns>Whether the call fits now. Another thread may be faster.</returns>
    internal async ValueTask<bool> ObtainAsync(long nano, TimeSpan left, CancellationToken cancellationToken)
    {
        TimeProvider time = budget.Sharing!.Time;
        long before;
        lock (_gate)
        {
            _share!.Needed += nano;
            before = _share.Sequence;
        }

        try
        {
            using var limit = new CancellationTokenSource(left, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            while (MayGetMore(before) && Free(time.GetUtcNow()) < nano) await RenewAsync(ClaimReason.More).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            // It takes too long.
            budget.Sharing.Failed(this, e);
        }
        finally
        {
            lock (_gate) _share!.Needed -= nano;
        }

        return Free(time.GetUtcNow()) >= nano;
    }

    /// <summary>Renews the lease, or joins the renewal that is under way. Does not fail.</summary>
    internal Task RenewAsync(ClaimReason reason)
    {
        TaskCompletionSource done;
        lock (_gate)
        {
            if (_renewal is not null) return _renewal;
            done = BeginRenewal();
        }

        _ = RunAsync(reason, done);
        return done.Task;
    }

    internal bool IsDue(DateTimeOffset now)
    {
        lock (_gate)
        {
            MoveTo(now);
            return _share!.IsDue(counter.Spent, counter.Spent + _reserved);
        }
    }

    /// <summary>Gives everything back that is not spent, when the calls that are under way have ended, or the token says so.</summary>
    internal async Task EndAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        Task emptied, renewal;
        lock (_gate)
        {
            _emptied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_reserved == 0) _emptied.SetResult();
            (emptied, renewal) = (_emptied.Task, _renewal ?? Task.CompletedTask);
        }

        await Task.WhenAll(emptied, renewal).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (IsDue(now)) await RenewAsync(ClaimReason.End).ConfigureAwait(false);
    }

    private async Task RunAsync(ClaimReason reason, TaskCompletionSource done)
    {
        try
        {
            await budget.Sharing!.RenewAsync(this, Claim(reason)).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate) _renewal = null;
            done.SetResult();
        }
    }

    private BudgetClaim Claim(ClaimReason reason)
    {
        lock (_gate)
        {
            string account = BudgetSharing.NameOf(budget, key, counter.ResetsAt);
            return _share!.Claim(new ClaimSubject(account, budget.Limit.NanoUsd, counter.ResetsAt, budget.IsHard), counter.Spent, _reserved, reason);
        }
    }

    /// <summary>Takes the answer to the last claim.</summary>
    /// <returns>Whether the store was away before it, and the highest threshold that all processes together have passed with it.</returns>
    internal (bool WasAway, double? Passed) Accept(BudgetClaim claim, BudgetLease lease, DateTimeOffset now)
    {
        lock (_gate)
        {
            MoveTo(now);

            // The answer for a window that has ended meanwhile is nobody's.
            if (claim.WindowEnds != counter.ResetsAt) return (_share!.Recover(), null);
            int told = budget.ThresholdsBelow(_share!.ToldBefore(lease));
            bool wasAway = _share.Accept(claim, lease, counter.Spent + _reserved);
            int passed = budget.ThresholdsBelow(lease.Spent.NanoUsd);
            return (wasAway, passed > told ? budget.Thresholds[passed - 1] : null);
        }
    }

    /// <summary>The last claim has failed.</summary>
    /// <returns>Whether it is the first of them.</returns>
    internal bool Fail()
    {
        lock (_gate) return _share!.Fail();
    }

    /// <summary>Not where a claim that asked for this call has been answered with less. One that was under way already did not ask for it; and others may have been faster to take what was granted.</summary>
    private bool MayGetMore(long before)
    {
        lock (_gate) return !_share!.IsPaused && !(_share.Answered > before && _share.IsExhausted);
    }

    private bool HoldsLease() => _share is not null && (_renewal is not null || _share.IsDue(counter.Spent, counter.Spent + _reserved));

    private bool IsLowAfterReserving()
    {
        _share!.OnReserved(_reserved);
        return _renewal is null && _share.WantsMore(counter.Spent + _reserved);
    }

    private TaskCompletionSource BeginRenewal()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _renewal = done.Task;
        return done;
    }

    private void RenewBehindCalls(TaskCompletionSource done) =>
        ThreadPool.UnsafeQueueUserWorkItem(static renewal => _ = renewal.Account.RunAsync(ClaimReason.More, renewal.Done), (Account: this, Done: done), preferLocal: false);
}
