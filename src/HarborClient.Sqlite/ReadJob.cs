namespace HarborClient.Sqlite;

/// <summary>A look-up that somebody waits for.</summary>
internal sealed class ReadJob(string key, CancellationToken cancellation) : TaskCompletionSource<CacheItem?>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    internal string Key => key;

    internal CancellationToken Cancellation => cancellation;
}
