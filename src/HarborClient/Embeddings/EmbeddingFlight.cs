using HarborClient.Caching;
using HarborClient.Edge;
using HarborClient.Pipeline;

namespace HarborClient.Embeddings;

/// <summary>
/// One request under way for texts that are not kept, for all who ask for one of them meanwhile. It has the clock of the call that opened it, and the token of none: the last one out
/// cancels it. Thread-safe.
/// </summary>
/// <param name="request">What the call that opened it asks.</param>
/// <param name="settings">For whom.</param>
/// <param name="asked">When it was asked for.</param>
#pragma warning disable CA1001 // A CancellationTokenSource without timer or wait handle holds nothing to dispose.
internal sealed class EmbeddingFlight(CallRequest request, CallSettings settings, AskedAt asked)
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly TaskCompletionSource<EmbeddingResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guarded by _gate. Whoever opens it waits for it.
    private int _waiting = 1;
    private bool _isOver;

    internal AskedAt Asked => asked;

    /// <summary>Cancelled when nobody waits any more.</summary>
    internal CancellationToken Token => _abandoned.Token;

    internal Task<EmbeddingResult> Result => _done.Task;

    /// <summary>Whether a call that asks for one of its texts may share the answer: who may be asked, and in which order, is the same.</summary>
    internal bool Serves(CallRequest other, CallSettings of) =>
        settings.AsksLike(of) && (ReferenceEquals(request.Targets, other.Targets) || request.Targets.SequenceEqual(other.Targets));

    /// <summary>One more text is waited for, unless it is too late for that.</summary>
    internal bool TryJoin()
    {
        lock (_gate)
        {
            if (_isOver || _waiting == 0) return false;
            _waiting++;
            return true;
        }
    }

    /// <summary>A text is not waited for any more.</summary>
    /// <returns>Whether it was the last one, while the request runs: it has been cancelled.</returns>
    internal bool Leave()
    {
        lock (_gate)
        {
            if (--_waiting > 0 || _isOver) return false;
        }

        try
        {
            _abandoned.Cancel();
        }
        catch (AggregateException)
        {
            // A handler's own callback on the token threw; the token is cancelled all the same.
        }

        return true;
    }

    internal void Succeed(EmbeddingResult result)
    {
        Close();
        _done.TrySetResult(result);
    }

    internal void Fail(Exception error)
    {
        Close();
        _done.TrySetException(error);

        // Seen: where all have gone, nobody else looks at it.
        _ = _done.Task.Exception;
    }

    private void Close()
    {
        lock (_gate) _isOver = true;
    }
}
