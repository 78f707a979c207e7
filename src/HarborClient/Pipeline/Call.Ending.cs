using HarborClient.Telemetry;

namespace HarborClient;

/// <content>What happens while a call runs and when it ends: observers, completions, exactly one end.</content>
public partial class Call
{
    // Changed by the thread that works on the call; frozen once _ended is set.
    private List<IUpdateObserver>? _observers;

    // Set once, by Interlocked.
    private byte _ended;

    // Null, the only completion, or the latest Registration; Finished once they have been taken to run. By Interlocked: an attempt that was overtaken is ended
    // by another thread than the one that still works on it.
    private object? _completions;

    private static readonly object Finished = new();

    /// <summary>Whether the call or attempt has ended.</summary>
    public bool HasEnded => Volatile.Read(ref _ended) != 0;

    /// <summary>Registers something that sees each update of this call or attempt.</summary>
    /// <param name="observer">Per-call object; it runs on the reading thread.</param>
    public void Observe(IUpdateObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        (_observers ??= []).Add(observer);
    }

    /// <summary>Registers something to do when this call or attempt ends.</summary>
    /// <param name="completion">Runs exactly once, last registered first.</param>
    /// <exception cref="InvalidOperationException">It has already ended; what was to be freed must be freed by the caller.</exception>
    public void OnCompleted(ICallCompletion completion)
    {
        ArgumentNullException.ThrowIfNull(completion);
        object? registered = Volatile.Read(ref _completions);
        while (true)
        {
            if (HasEnded || ReferenceEquals(registered, Finished)) throw new InvalidOperationException("The call has already ended.");
            object? before = Interlocked.CompareExchange(ref _completions, registered is null ? completion : new Registration(completion, registered), registered);
            if (ReferenceEquals(before, registered)) return;
            registered = before;
        }
    }

    /// <summary>Shows an update to the observers. The first that wants to stop ends the round.</summary>
    internal Exception? Notify(in HarborUpdate update)
    {
        if (_observers is null) return null;
        foreach (IUpdateObserver observer in _observers)
        {
            if (observer.OnUpdate(this, update) is { } stop) return stop;
        }

        return null;
    }

    /// <summary>Tells the observers that the answer is whole. The first that objects ends it.</summary>
    internal Exception? NotifyWhole()
    {
        if (_observers is null) return null;
        foreach (IUpdateObserver observer in _observers)
        {
            if (observer.OnWhole(this) is { } objection) return objection;
        }

        return null;
    }

    internal void NotifyRestart()
    {
        if (_collects) ForgetCollected();
        if (_observers is null) return;
        foreach (IUpdateObserver observer in _observers) observer.OnRestart();
    }

    /// <summary>Ends the call or attempt; only the first call counts. A root ends its attempts with it and gives every buffer back.</summary>
    internal void End(CallOutcome outcome)
    {
        if (Interlocked.Exchange(ref _ended, (byte)1) != 0) return;
        Attempt? own = Own;
        if (own is not null)
        {
            own.Error = outcome.Error;
            own.EndedAt = _services.Time.GetTimestamp();
            own.OwnClocks.Stop();
            own.EndOnRoute(outcome);
        }

        for (Attempt? attempt = _latest; attempt is not null; attempt = attempt.Earlier) attempt.End(outcome);
        if (own is { WasSent: true }) Settle(outcome);
        RunCompletions(outcome);
        if (outcome.Error is { } error && own is { Root.HasEnded: false }) Decide(DecisionKind.Failure, own.Place, error.Message, error: error, attempt: own.Number);
        if (own is null) EndRoot();
        else own.OwnClocks.Return(own.IsSettled && outcome.Status == CallStatus.Succeeded);
    }

    /// <summary>
    /// Another attempt has decided the call: this one is cancelled and ends, whatever it is at, so that what it holds of limits goes back before the root ends.
    /// Whoever works on it at this moment finds it ended, and then calls <see cref="ReleaseOvertaken"/>.
    /// </summary>
    internal void Overtake()
    {
        Own!.IsOvertaken = true;
        Clocks.Cancel();
        End(new CallOutcome(CallStatus.Cancelled));
    }

    internal void ReleaseOvertaken() => _fold?.Release();

    private void Settle(CallOutcome outcome)
    {
        try
        {
            _services.Meter.Settle(this, outcome);
        }
        catch (Exception e)
        {
            // A ledger's store is the user's: whatever it does, what the attempt holds of limits and budgets goes back.
            Log.CompletionThrew(_services.Logger, _services.Meter.GetType().Name, e);
        }
    }

    private void RunCompletions(CallOutcome outcome)
    {
        object? registered = Interlocked.Exchange(ref _completions, Finished);
        for (; registered is Registration latest; registered = latest.Earlier) Run(latest.Completion, outcome);
        if (registered is not null) Run((ICallCompletion)registered, outcome);
    }

    private void Run(ICallCompletion completion, CallOutcome outcome)
    {
        try
        {
            completion.OnCompleted(this, outcome);
        }
        catch (Exception e)
        {
            // One faulty completion must not keep the others from giving back what they hold.
            Log.CompletionThrew(_services.Logger, completion.GetType().Name, e);
        }
    }

    private void EndRoot()
    {
        Shared?.OnCallEnded();
        _fold?.Release();
        for (Attempt? attempt = _latest; attempt is not null; attempt = attempt.Earlier)
        {
            // Whoever still works on one that was overtaken gives back what it holds.
            if (!attempt.IsOvertaken) attempt._fold?.Release();
        }

        _services.Counters.CallEnded();
        _services.Memory.OnCallEnded();
    }

    private sealed record Registration(ICallCompletion Completion, object Earlier);
}
