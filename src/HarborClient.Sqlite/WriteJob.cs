namespace HarborClient.Sqlite;

/// <summary>A change of the file that somebody may wait for.</summary>
internal abstract class WriteJob(CancellationToken cancellation) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    internal CancellationToken Cancellation => cancellation;

    internal void Fail(Exception e)
    {
        TrySetException(e);

        // Who has stopped waiting, or never did, leaves nothing unobserved.
        _ = Task.Exception;
    }
}

/// <summary>One that shares a transaction with others.</summary>
internal abstract class GroupedJob(CancellationToken cancellation) : WriteJob(cancellation)
{
    /// <summary>How much of the file it takes, at most.</summary>
    internal virtual long Bytes => 0;

    internal abstract void Apply(CacheWriter writer);
}

/// <summary>Keeps an entry; without one, only removes what has that key.</summary>
internal sealed class SetJob(string key, CacheItem? item, long now, CancellationToken cancellation) : GroupedJob(cancellation)
{
    // It begins in a page with others, ends in one of its own, and stands in three indexes.
    private const long RowBytes = 3 * 4096;

    internal override long Bytes => item is null ? 0 : item.Payload.Length + (4L * key.Length) + RowBytes + item.Tags.Sum(tag => 16L * tag.Length);

    internal override void Apply(CacheWriter writer)
    {
        if (item is null) writer.Delete(key);
        else writer.Set(key, item, now);
    }
}

/// <summary>Remembers that an entry was used.</summary>
internal sealed class TouchJob(long id, long now) : GroupedJob(CancellationToken.None)
{
    internal override void Apply(CacheWriter writer) => writer.Touch(id, now);
}

/// <summary>Removes entries; many take several transactions, so that other processes get in between.</summary>
internal sealed class RemoveJob(CacheSelection selection, CancellationToken cancellation) : WriteJob(cancellation)
{
    internal CacheSelection Selection => selection;
}
