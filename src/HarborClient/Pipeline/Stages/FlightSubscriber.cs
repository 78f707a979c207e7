using System.Threading.Tasks.Sources;
using HarborClient.Caching;
using HarborClient.Errors;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// One caller's part in a <see cref="Flight"/>: its place in the answer, its clock, its token, and its end. What it gets is read by one reader; it is cancelled from any thread.
/// </summary>
internal sealed class FlightSubscriber(Flight flight, Call call, bool isOpener) : SharedAnswer, IValueTaskSource<bool>
{
    private HarborUpdate _current;

    // What it waits for: the opening, or an update that somebody else reads. Begun and ended under the flight's gate.
    private ManualResetValueTaskSourceCore<bool> _wait = new() { RunContinuationsAsynchronously = !isOpener };
    private CancellationTokenRegistration _registration;
    private ITimer? _clock;
    private Exception? _failure;
    private bool _hasCollected;

    public override ref readonly HarborUpdate Current => ref _current;

    internal override Call Root => flight.Root;

    /// <summary>Whether it is the one who opened the answer, and is charged for it.</summary>
    internal override bool IsOpener => isOpener;

    /// <summary>Why it does not want the answer any more; null while it does.</summary>
    internal Exception? Failure => Volatile.Read(ref _failure);

    internal bool IsActive => Failure is null;

    /// <summary>Why it left. One that was left behind has not: what it was given before is still its own.</summary>
    internal Exception? Leaving => Failure is { } failure and not LeftBehindException ? failure : null;

    internal bool IsWaiting { get; private set; }

    /// <summary>Whether it joined before the answer was open.</summary>
    internal bool WaitsForOpening { get; private set; }

    /// <summary>What it waits for.</summary>
    internal ValueTask<bool> Waiting => new(this, _wait.Version);

    /// <summary>The next one in its flight's list.</summary>
    internal FlightSubscriber? Following { get; set; }

    /// <summary>Where it is in what is written down of the answer. Guarded by the flight's gate.</summary>
    internal int Position { get; set; }

    /// <summary>What is still to be read of what is written down begins there.</summary>
    internal int FirstNeeded => isOpener && !_hasCollected ? 0 : Position;

    /// <summary>From now on its call's end, and its caller's token, are known to the flight.</summary>
    internal void Attach()
    {
        call.Shared = this;
        _registration = call.CallerToken.UnsafeRegister(static state => ((FlightSubscriber)state!).OnLeft(), this);
    }

    /// <summary>Completes when the answer is open.</summary>
    internal ValueTask<bool> OpenedAsync() => WaitsForOpening ? Waiting : new ValueTask<bool>(true);

    public override ValueTask<bool> ReadAsync() => flight.Read(this);

    /// <summary>What has been read stays readable until the call ends, which lets go of it.</summary>
    public override ValueTask DisposeAsync()
    {
        // Nearly always the answer is over by now, and nothing is left to leave.
        if (!flight.IsOver && Fail(new OperationCanceledException("The stream was disposed."))) flight.Leave(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Lets go before the call ends, which goes on elsewhere.</summary>
    internal void Withdraw() => OnCallEnded();

    internal override void OnCallEnded()
    {
        _registration.Unregister();
        flight.Release(this);

        // After it: only a subscriber of the flight is given a clock.
        _clock?.Dispose();
    }

    internal override void OnLeft()
    {
        if (Fail(new OperationCanceledException("The call was cancelled by its caller.", call.CallerToken))) flight.Leave(this);
    }

    /// <summary>Its own Total clock, where the flight's goes on for longer. Under the gate.</summary>
    internal void WatchClock()
    {
        if (_clock is not null || !IsActive || call.DeadlineTimestamp >= flight.Root.DeadlineTimestamp) return;
        TimeSpan wait = call.Remaining > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(call.Remaining.TotalMilliseconds)) : TimeSpan.Zero;
        _clock = call.Services.Time.CreateTimer(static state => ((FlightSubscriber)state!).OnClock(), this, wait, Timeout.InfiniteTimeSpan);
    }

    internal void BeginWait(bool isOpening = false)
    {
        _wait.Reset();
        IsWaiting = true;
        WaitsForOpening |= isOpening;
    }

    /// <summary>Whether it waited, and is to be completed by whoever asks.</summary>
    internal bool EndWait()
    {
        bool waited = IsWaiting;
        IsWaiting = false;
        return waited;
    }

    internal void Take(in HarborUpdate update) => _current = isOpener || update.Kind != HarborUpdateKind.Usage ? update : new HarborUpdate(HarborUpdateKind.Usage, CacheHit.Nothing());

    internal void Complete(bool hasMore) => _wait.SetResult(hasMore);

    internal void Complete(Exception error) => _wait.SetException(error);

    internal void CompleteOpening()
    {
        if (Leaving is { } failure) Complete(failure);
        else Complete(hasMore: true);
    }

    /// <summary>An error of the flight as this caller sees it: an exception that is thrown twice mixes two stacks.</summary>
    internal Exception Own(Exception error) => Failure ?? (!isOpener && error is HarborException known ? known.Copy() : error);

    /// <summary>The answer goes on without waiting for this caller, who therefore keeps its own copy of what it has had. On its own thread, under the gate.</summary>
    internal void CollectFrom(FlightLog log)
    {
        if (_hasCollected) return;
        _hasCollected = true;
        call.Collect();
        for (int i = 0; i < Position; i++) call.Fold.Append(log[i]);
    }

    /// <summary>It is too far behind, and shares no more. Under the gate.</summary>
    internal bool LeaveBehind(SeamMatcher? delivered) => Fail(new LeftBehindException(delivered, flight.Root.AnsweringTarget));

    private void OnClock()
    {
        Target target = flight.Root.AnsweringTarget;
        if (Fail(ErrorFactory.Timeout(HarborClock.Total, call.Settings.TotalTimeout, target.Provider, target.Model, null))) flight.Leave(this);
    }

    private bool Fail(Exception failure) => Interlocked.CompareExchange(ref _failure, failure, null) is null;

    bool IValueTaskSource<bool>.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _wait.OnCompleted(continuation, state, token, flags);
}
