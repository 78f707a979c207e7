namespace HarborClient.Pipeline;

/// <summary>Counts the calls of one client that nobody waits for, such as shadows and refreshes: no more than so many at once, and the client's disposal waits for them. Thread-safe.</summary>
internal sealed class BackgroundCalls(TimeProvider time)
{
    /// <summary>Enough to compare, and to refresh; one that hangs holds no more connections than this, and with answers of 100 KB no more than 10 MB.</summary>
    internal const int Most = 100;

    /// <summary>They are cancelled by then; a handler that does not heed its token cannot hold up the disposal for longer.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // By Interlocked.
    private int _inFlight;
    private bool _isStopping;

    /// <summary>One more, if there is room. Whoever was let in leaves once.</summary>
    internal bool TryEnter()
    {
        if (Interlocked.Increment(ref _inFlight) <= Most) return true;
        Leave();
        return false;
    }

    internal void Leave()
    {
        if (Interlocked.Decrement(ref _inFlight) == 0 && Volatile.Read(ref _isStopping)) _idle.TrySetResult();
    }

    /// <summary>Waits until none is under way. The client's token has cancelled them before, and lets no further one begin.</summary>
    internal async ValueTask StopAsync()
    {
        Volatile.Write(ref _isStopping, true);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _inFlight) == 0) return;
        await _idle.Task.WaitAsync(LongestStop, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
