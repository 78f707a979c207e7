namespace HarborClient.Testing.Engine;

internal static class VirtualDelay
{
    // Not Task.Delay: that would lose the inline continuation, see InlineSignal.
    public static async ValueTask WaitAsync(TimeProvider time, TimeSpan delay, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var elapsed = new InlineSignal<bool>();
        if (delay == Timeout.InfiniteTimeSpan) await elapsed.WaitAsync(cancellationToken).ConfigureAwait(false);
        using ITimer timer = time.CreateTimer(static signal => ((InlineSignal<bool>)signal!).TrySetResult(true), elapsed, delay, Timeout.InfiniteTimeSpan);
        await elapsed.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
