namespace HarborClient.Tools;

/// <summary>The token of one running function: cancelled by its own clock or with the call.</summary>
#pragma warning disable CA1001 // A CancellationTokenSource without timer or wait handle holds nothing to dispose, and a function that was left to itself may still look at its token.
internal sealed class ToolClock : IDisposable
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly CancellationTokenRegistration _registration;
    private readonly ITimer? _timer;
    private bool _hasRunOut;

    internal ToolClock(TimeProvider time, TimeSpan timeout, CancellationToken stop)
    {
        _registration = stop.UnsafeRegister(static state => ((ToolClock)state!).Cancel(), this);
        if (timeout != Timeout.InfiniteTimeSpan) _timer = time.CreateTimer(static state => ((ToolClock)state!).RunOut(), this, timeout, Timeout.InfiniteTimeSpan);
    }

    internal CancellationToken Token => _cancellation.Token;

    internal bool HasRunOut => Volatile.Read(ref _hasRunOut);

    public void Dispose()
    {
        _registration.Unregister();
        _timer?.Dispose();
    }

    private void RunOut()
    {
        Volatile.Write(ref _hasRunOut, true);
        Cancel();
    }

    /// <summary>Never throws: it runs on timer threads and on the threads of whoever cancels or disposes.</summary>
    private void Cancel()
    {
        try
        {
            _cancellation.Cancel();
        }
        catch (AggregateException)
        {
            // A function's own callback on the token threw. The token is cancelled all the same, and every other callback has run.
        }
    }
}
