using System.Threading.Channels;
using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient.Caching;

/// <summary>
/// Writes to a cache level behind the calls: a bounded queue that drops its oldest entries, and a few loops that empty it. A level that takes no writes is left alone, and what
/// it should have taken is dropped. Owner: the <see cref="GuardedLevel"/>, which awaits its stop.
/// </summary>
internal sealed class LevelWriter : IAsyncDisposable
{
    internal const int MostQueued = 1_000;
    internal const long MostQueuedBytes = 16L << 20;

    /// <summary>A store a millisecond away takes thousands of writes a second with so many at once, which is more than models answer.</summary>
    private const int Loops = 8;

    /// <summary>What an entry costs beside its payload, roughly.</summary>
    private const int EntryBytes = 200;

    /// <summary>Nobody waits for a write.</summary>
    internal static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long a stop waits for what is queued.</summary>
    internal static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(5);

    private readonly ICacheLevel _level;
    private readonly LevelRemovals _removals;
    private readonly LevelBreaker _reads;
    private readonly LevelBreaker _writes;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<QueuedWrite> _queue;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Task[] _current = new Task[Loops];
    private readonly Task _loops;
    private long _queuedBytes;
    private long _stored;
    private long _dropped;
    private long _failed;

    /// <param name="level">Is written to.</param>
    /// <param name="removals">What may not be written any more.</param>
    /// <param name="reads">While it is open nothing is written.</param>
    /// <param name="time">The client's clock.</param>
    /// <param name="logger">For outages.</param>
    internal LevelWriter(ICacheLevel level, LevelRemovals removals, LevelBreaker reads, TimeProvider time, ILogger logger)
    {
        (_level, _removals, _reads, _time, _logger) = (level, removals, reads, time, logger);
        _writes = new LevelBreaker(time);
        _queue = Channel.CreateBounded<QueuedWrite>(new BoundedChannelOptions(MostQueued) { FullMode = BoundedChannelFullMode.DropOldest }, Drop);
        Array.Fill(_current, Task.CompletedTask);
        _loops = Task.WhenAll(Enumerable.Range(0, Loops).Select(RunAsync).ToArray());
    }

    internal bool IsPaused => _writes.IsOpen;

    internal long Stored => Interlocked.Read(ref _stored);

    internal long Dropped => Interlocked.Read(ref _dropped);

    internal long Failed => Interlocked.Read(ref _failed);

    internal int Queued => _queue.Reader.Count;

    internal long QueuedBytes => Interlocked.Read(ref _queuedBytes);

    /// <summary>Queues an entry. What was dropped at once, because nothing is being written or the client is disposed, is counted like what the queue drops.</summary>
    internal bool TryWrite(string key, Func<CacheItem> make, int expectedBytes)
    {
        long bytes = EntryBytes + (2L * key.Length) + expectedBytes;
        if (bytes <= MostQueuedBytes && !_reads.IsOpen)
        {
            Interlocked.Add(ref _queuedBytes, bytes);
            if (_queue.Writer.TryWrite(new QueuedWrite(key, make, bytes, _removals.Version)))
            {
                while (QueuedBytes > MostQueuedBytes && _queue.Reader.TryRead(out QueuedWrite oldest)) Drop(oldest);
                return true;
            }

            Interlocked.Add(ref _queuedBytes, -bytes);
        }

        Interlocked.Increment(ref _dropped);
        return false;
    }

    /// <summary>Completes when no write is under way that began before.</summary>
    internal Task CurrentWrites()
    {
        lock (_gate) return Task.WhenAll(_current);
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        try
        {
            await _loops.WaitAsync(LongestDrain, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The rest is dropped and counted; see WriteAsync.
            await _stop.CancelAsync().ConfigureAwait(false);
            await _loops.ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private void Drop(QueuedWrite write)
    {
        Interlocked.Add(ref _queuedBytes, -write.Bytes);
        Interlocked.Increment(ref _dropped);
    }

    private async Task RunAsync(int loop)
    {
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (_queue.Reader.TryRead(out QueuedWrite write))
            {
                var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await WriteAsync(write, loop, done.Task).ConfigureAwait(false);
                done.SetResult();
            }
        }
    }

    private async ValueTask WriteAsync(QueuedWrite write, int loop, Task done)
    {
        if (_stop.IsCancellationRequested || _reads.IsOpen || !_writes.TryEnter(out _) || Make(write) is not { } item || !IsToBeWritten(write, item, loop, done))
        {
            Drop(write);
            return;
        }

        Interlocked.Add(ref _queuedBytes, -write.Bytes);
        long startedAt = _time.GetTimestamp();
        try
        {
            await LevelCalls.RunAsync(token => _level.SetAsync(write.Key, item, token), WriteTimeout, _time, _stop.Token).ConfigureAwait(false);
            Interlocked.Increment(ref _stored);
            if (_writes.Succeeded()) Log.CacheLevelTakesWrites(_logger, LevelCalls.NameOf(_level), Dropped);

            // Another process may have told of a removal meanwhile, which the entry has come too late for.
            if (_removals.IsRemoved(write.Key, item, write.Version))
                await LevelCalls.RunAsync(token => _level.RemoveAsync(new CacheSelection(CacheSelectionKind.Key, write.Key), token), WriteTimeout, _time, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Whatever it is: the level is at fault, and no caller waits.
            Interlocked.Increment(ref _failed);
            if (_writes.Failed(startedAt)) Log.CacheLevelTakesNoWrites(_logger, LevelCalls.NameOf(_level), LevelBreaker.Pause, e);
        }
    }

    private CacheItem? Make(QueuedWrite write)
    {
        try
        {
            return write.Make();
        }
        catch (Exception e)
        {
            Log.CacheEntryNotMade(_logger, LevelCalls.NameOf(_level), e);
            return null;
        }
    }

    /// <summary>In one step with telling of the write: a removal finds either that it is under way, or that it has not begun and will not.</summary>
    private bool IsToBeWritten(QueuedWrite write, CacheItem item, int loop, Task done)
    {
        lock (_gate)
        {
            if (_removals.IsRemoved(write.Key, item, write.Version)) return false;
            _current[loop] = done;
            return true;
        }
    }

    private readonly record struct QueuedWrite(string Key, Func<CacheItem> Make, long Bytes, long Version);
}
