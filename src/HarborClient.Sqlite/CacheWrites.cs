using System.Threading.Channels;

namespace HarborClient.Sqlite;

/// <summary>Writes in groups: all that have come while the last group was written are one transaction. Used by the loop of its lane only.</summary>
internal sealed class CacheWrites(CacheFile file, long sizeLimitBytes, TimeProvider time)
{
    private const int MostInGroup = 256;

    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly List<GroupedJob> _group = [];
    private long _groupBytes;
    private DateTimeOffset _nextSweep;
    private Exception? _givenUp;
    private volatile bool _isEnding;

    /// <summary>From now on the first failure is the last: nobody waits for a disk that is ill.</summary>
    internal void End() => _isEnding = true;

    internal void Work(ChannelReader<WriteJob> jobs)
    {
        while (jobs.TryRead(out WriteJob? job))
        {
            if (job is GroupedJob grouped)
            {
                Add(grouped);
            }
            else if (job is RemoveJob removal)
            {
                Flush();
                Finish([removal], () => Remove(removal));
            }
        }

        Flush();
    }

    private void Add(GroupedJob job)
    {
        if (_group.Count == MostInGroup || _groupBytes + job.Bytes > sizeLimitBytes / 8) Flush();
        _group.Add(job);
        _groupBytes += job.Bytes;
    }

    private void Flush()
    {
        if (_group.Count == 0) return;
        _group.RemoveAll(job => job.Cancellation.IsCancellationRequested && job.TrySetCanceled(job.Cancellation));
        Finish(_group, () => file.Write(writer => Write(writer, _group)));
        _group.Clear();
        _groupBytes = 0;
    }

    private bool Write(CacheWriter writer, List<GroupedJob> group)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (now >= _nextSweep && !writer.Room.SweepSome(now.UtcTicks)) _nextSweep = now + SweepEvery;
        writer.Room.Make(_groupBytes, now.UtcTicks);
        writer.Begin();
        foreach (GroupedJob job in group) job.Apply(writer);
        writer.Commit();
        return true;
    }

    private void Remove(RemoveJob removal)
    {
        bool isMore = true;
        while (isMore)
        {
            removal.Cancellation.ThrowIfCancellationRequested();
            isMore = file.Write(writer => writer.RemoveSome(removal.Selection));
        }
    }

    private void Finish(IReadOnlyCollection<WriteJob> jobs, Action act)
    {
        Exception? failure = _givenUp;
        try
        {
            if (failure is null) act();
        }
        catch (Exception e)
        {
            // Whatever it is belongs to those who wait.
            failure = e;
            if (_isEnding) _givenUp = e;
        }

        foreach (WriteJob job in jobs)
        {
            if (failure is null) job.TrySetResult();
            else job.Fail(failure);
        }
    }
}
