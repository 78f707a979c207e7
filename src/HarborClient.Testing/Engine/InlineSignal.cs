using System.Threading.Tasks.Sources;

namespace HarborClient.Testing.Engine;

// A one-shot signal for one awaiter, which continues on the completing thread. The thread's synchronization context is hidden meanwhile:
// under a test runner's context awaited tasks would hop to the thread pool, and virtual time would run ahead of the exchange.
internal sealed class InlineSignal<T> : IValueTaskSource<T>
{
    private ManualResetValueTaskSourceCore<T> _core; // Mutable struct: not readonly.
    private int _isCompleted;

    public bool TrySetResult(T result)
    {
        if (Interlocked.Exchange(ref _isCompleted, 1) != 0) return false;
        using var hidden = new HiddenSynchronizationContext();
        _core.SetResult(result);
        return true;
    }

    public bool TrySetException(Exception exception)
    {
        if (Interlocked.Exchange(ref _isCompleted, 1) != 0) return false;
        using var hidden = new HiddenSynchronizationContext();
        _core.SetException(exception);
        return true;
    }

    public ValueTask<T> WaitAsync() => new(this, _core.Version);

    public async ValueTask<T> WaitAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (signal, token) => ((InlineSignal<T>)signal!).TrySetException(new OperationCanceledException(token)), this);
        return await WaitAsync().ConfigureAwait(false);
    }

    T IValueTaskSource<T>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<T>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
}
