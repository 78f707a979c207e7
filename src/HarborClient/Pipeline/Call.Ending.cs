using HarborClient.Telemetry;

namespace HarborClient;

/// <content>What happens while a call runs and when it ends: observers, completions, exactly one end.</content>
public sealed partial class Call
{
    // Changed by the thread that works on the call; frozen once _ended is set.
    private List<IUpdateObserver>? _observers;
    private ICallCompletion? _firstCompletion;
    private List<ICallCompletion>? _moreCompletions;
    private CallOutcome _outcome;
    private long _endedAt = -1;

    // Set once, by Interlocked.
    private int _ended;

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
        if (HasEnded) throw new InvalidOperationException("The call has already ended.");
        if (_firstCompletion is null) _firstCompletion = completion;
        else (_moreCompletions ??= []).Add(completion);
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

    internal void NotifyRestart()
    {
        if (_collects) ForgetCollected();
        if (_observers is null) return;
        foreach (IUpdateObserver observer in _observers) observer.OnRestart();
    }

    /// <summary>Ends the call or attempt; only the first call counts. A root ends its attempts with it and gives every buffer back.</summary>
    internal void End(CallOutcome outcome)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0) return;
        _outcome = outcome;
        _endedAt = _services.Time.GetTimestamp();
        _clocks?.Stop();
        if (Parent is not null) EndOnRoute(outcome);
        for (Call? attempt = _latest; attempt is not null; attempt = attempt._previous) attempt.End(outcome);
        RunCompletions(outcome);
        if (outcome.Error is { } error && Parent is { HasEnded: false }) Decide(DecisionKind.Failure, Target, error.Message, error: error, attempt: AttemptNumber);
        _clocks?.Return(IsSettled && outcome.Status == CallStatus.Succeeded);
        if (Parent is null) EndRoot();
    }

    private void RunCompletions(CallOutcome outcome)
    {
        for (int i = (_moreCompletions?.Count ?? 0) - 1; i >= 0; i--) Run(_moreCompletions![i], outcome);
        if (_firstCompletion is not null) Run(_firstCompletion, outcome);
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
        _fold?.Release();
        for (Call? attempt = _latest; attempt is not null; attempt = attempt._previous) attempt._fold?.Release();
        _services.Counters.CallEnded();
        _services.Memory.OnCallEnded();
    }
}
