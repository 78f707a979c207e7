using HarborClient.Edge;
using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Tokens;

namespace HarborClient.Embeddings;

/// <summary>One caller's part of a batch: its texts, its own clock and token, and its own end, which is the first of result, error, cancellation and timeout.</summary>
internal sealed class EmbeddingMember
{
    private readonly TimeProvider _time;
    private readonly CancellationToken _token;
    private readonly TaskCompletionSource<EmbeddingResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private EmbeddingBatch? _batch;
    private bool _isDone;

    internal EmbeddingMember(BatchKey key, CallRequest request, CallSettings settings, long startedAt, TimeProvider time, CancellationToken token)
    {
        _time = time;
        _token = token;
        Key = key;
        Request = request;
        Settings = settings;
        Inputs = [.. request.Inputs];
        StartedAt = startedAt;
        foreach (string input in Inputs) Tokens += TokenEstimator.EstimateInput(request.Targets[0], input);
    }

    internal BatchKey Key { get; }

    internal CallRequest Request { get; }

    internal CallSettings Settings { get; }

    internal string[] Inputs { get; }

    internal long StartedAt { get; }

    /// <summary>As estimated; at least one per text.</summary>
    internal long Tokens { get; }

    internal bool IsDone
    {
        get
        {
            lock (_gate) return _isDone;
        }
    }

    internal TimeSpan Elapsed => _time.GetElapsedTime(StartedAt);

    /// <summary>What is left of its duration; never less than a timer can wait.</summary>
    internal TimeSpan Remaining => Settings.TotalTimeout == Timeout.InfiniteTimeSpan
        ? Timeout.InfiniteTimeSpan
        : TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling((Settings.TotalTimeout - Elapsed).TotalMilliseconds)));

    /// <summary>Waits in the lane and then in a batch, for as long as the caller wants.</summary>
    internal async Task<EmbeddingResult> RunAsync(EmbeddingLane lane)
    {
        ITimer? timer = null;
        CancellationTokenRegistration registration = default;
        try
        {
            registration = _token.UnsafeRegister(static member => ((EmbeddingMember)member!).Cancel(), this);
            if (Settings.TotalTimeout != Timeout.InfiniteTimeSpan)
                timer = _time.CreateTimer(static member => ((EmbeddingMember)member!).Fail(((EmbeddingMember)member).TimedOut(null)), this, Remaining, Timeout.InfiniteTimeSpan);
            lane.Add(this);
            return await _completion.Task.ConfigureAwait(false);
        }
        finally
        {
            registration.Unregister();
            timer?.Dispose();
        }
    }

    /// <summary>Becomes a part of the batch, unless it has left.</summary>
    internal bool TryJoin(EmbeddingBatch batch)
    {
        lock (_gate)
        {
            if (_isDone) return false;
            _batch = batch;
            return true;
        }
    }

    internal void Succeed(EmbeddingResult result)
    {
        if (TryEnd()) _completion.TrySetResult(result);
    }

    internal void Fail(Exception error)
    {
        if (TryEnd()) _completion.TrySetException(error);
    }

    /// <summary>Its own duration has passed, and not only what was left of it when the batch began.</summary>
    internal HarborException TimedOut(HarborException? cause)
    {
        Target target = Request.Targets[0];
        HarborException error = ErrorFactory.Timeout(HarborClock.Total, Settings.TotalTimeout, cause?.Provider ?? target.Provider, cause?.Model ?? target.Model, cause);
        error.Attempts = cause?.Attempts ?? [];
        return error;
    }

    private void Cancel() => Fail(new OperationCanceledException("The call was cancelled by its caller.", _token));

    private bool TryEnd()
    {
        EmbeddingBatch? batch;
        lock (_gate)
        {
            if (_isDone) return false;
            _isDone = true;
            batch = _batch;
        }

        batch?.MemberLeft();
        return true;
    }
}
