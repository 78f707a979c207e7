using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient.Caching;

/// <summary>
/// One run of a user's function, for all who ask for its value meanwhile. Each of them leaves alone, and the last one out cancels the function. What it fails with is told to those who
/// are there. Thread-safe. Owner: the run, which disposes it at its end.
/// </summary>
internal sealed class OwnFlight(OwnEntry entry, OwnDemand demand, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _source = new();
    private readonly TaskCompletionSource<OwnResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // All guarded by _gate. Whoever opens a flight is its first caller.
    private int _callers = 1;
    private bool _isOver;
    private bool _isForgotten;
    private Task _cancelling = Task.CompletedTask;

    internal OwnEntry Entry => entry;

    internal OwnDemand Demand => demand;

    /// <summary>Cancelled when nobody waits any more.</summary>
    internal CancellationToken Token => _source.Token;

    internal Task<OwnResult> Result => _done.Task;

    /// <summary>One more waits for it, unless it is too late for that.</summary>
    internal bool TryJoin()
    {
        lock (_gate)
        {
            if (_isOver || _isForgotten || _callers == 0) return false;
            _callers++;
            return true;
        }
    }

    /// <summary>One who waited goes.</summary>
    /// <returns>Whether that was the last one, while the function runs: it has been cancelled.</returns>
    internal bool Leave()
    {
        lock (_gate)
        {
            if (--_callers > 0 || _isOver) return false;
            _cancelling = _source.CancelAsync();
            return true;
        }
    }

    /// <summary>Keeps the value, unless it was removed while it was made.</summary>
    internal void Keep(Action keep)
    {
        lock (_gate)
        {
            if (!_isForgotten) keep();
        }
    }

    /// <summary>Its value is removed before it is there: those who wait get it, nobody joins them, and it is not kept.</summary>
    internal void Forget()
    {
        lock (_gate) _isForgotten = true;
    }

    internal void Succeed(OwnResult result)
    {
        Close();
        _done.TrySetResult(result);
    }

    internal void Fail(Exception error)
    {
        Close();
        if (!_done.TrySetException(error)) return;

        // Seen: where all have gone, nobody else looks at it.
        _ = _done.Task.Exception;
    }

    /// <summary>The client is disposed: nobody waits for the function to notice.</summary>
    internal void Stop()
    {
        lock (_gate)
        {
            if (_isOver) return;
            _isOver = true;
            _cancelling = _source.CancelAsync();
        }

        Fail(new ObjectDisposedException(nameof(FastClient), "The FastClient was disposed."));
    }

    /// <summary>What the user's code does when its token is cancelled is over, too.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            Task cancelling;
            lock (_gate) cancelling = _cancelling;
            await cancelling.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.OwnCancellationThrew(logger, e);
        }

        _source.Dispose();
    }

    private void Close()
    {
        lock (_gate) _isOver = true;
    }
}
