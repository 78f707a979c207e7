namespace HarborClient.Sqlite;

/// <summary>A look at a page that somebody waits for.</summary>
internal sealed class PageJob(LedgerPlace after, DateTimeOffset to, CancellationToken cancellation) : TaskCompletionSource<LedgerPage>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    internal CancellationToken Cancellation => cancellation;

    internal LedgerPage Read(LedgerReader reader) => reader.Read(after, to);
}

/// <summary>Has all written that was appended before. Of those that a timer posts nobody waits for the end.</summary>
internal sealed class FlushJob() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    internal void End(Exception? failure)
    {
        if (failure is null)
        {
            TrySetResult();
            return;
        }

        TrySetException(failure);
        _ = Task.Exception;
    }
}
