namespace HarborClient.Tools;

/// <summary>Everything that ends a call between two answers: the caller's tokens, leaving the stream, disposing the client.</summary>
internal readonly record struct ToolStop(CancellationToken Caller, CancellationToken Enumerator, CancellationToken Left, CancellationToken Shutdown)
{
    /// <summary>One source for all. Owner: whoever waits for functions; disposed when they are done or left to themselves.</summary>
    internal CancellationTokenSource Link() => CancellationTokenSource.CreateLinkedTokenSource([Caller, Enumerator, Left, Shutdown]);

    /// <summary>Throws what the caller may see, if something ended the call: its own cancellation with its own token goes first.</summary>
    internal void ThrowIfRequested()
    {
        if (Caller.IsCancellationRequested) throw new OperationCanceledException("The call was cancelled by its caller.", Caller);
        if (Enumerator.IsCancellationRequested) throw new OperationCanceledException("The call was cancelled by its caller.", Enumerator);
        if (Left.IsCancellationRequested) throw new OperationCanceledException("The stream was disposed while it was being read.");
        if (Shutdown.IsCancellationRequested) throw new ObjectDisposedException(nameof(FastClient), "The FastClient was disposed while the call was running.");
    }
}
