using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace HarborClient.Sqlite;

/// <summary>
/// Writes entries in groups: soon after the first, or when there are many. What cannot be written is kept, within bounds, and tried again. Appending is thread-safe;
/// the rest is used by the loop of its lane only.
/// </summary>
internal sealed class LedgerWrites : IAsyncDisposable
{
    /// <summary>Rows of one transaction, some milliseconds; as many as wait do not wait any longer.</summary>
    internal const int GroupRows = 1_000;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly LedgerFile _file;
    private readonly string _path;
    private readonly ILogger _logger;
    private readonly TimeSpan _flushEvery;
    private readonly int _maximumWaiting;
    private readonly Channel<LedgerEntry> _entries;
    private readonly Lane<FlushJob?> _lane;
    private readonly ITimer _timer;

    // Taken out of the channel and not in the file yet, and what waits for them to be.
    private readonly List<LedgerEntry> _group = new(GroupRows);
    private readonly List<FlushJob> _jobs = [];
    private TimeSpan _pause;
    private bool _isDroppingSaid;
    private long _droppedBefore;
    private volatile bool _isFailing;
    private volatile bool _isEnding;

    // By Interlocked.
    private int _waiting;
    private long _dropped;

    internal LedgerWrites(LedgerFile file, string path, SqliteLedgerOptions options, TimeProvider time, ILogger logger)
    {
        (_file, _path, _logger, _flushEvery) = (file, path, logger, options.FlushEvery);

        _maximumWaiting = options.MaximumWaiting;
        _entries = Channel.CreateBounded<LedgerEntry>(new BoundedChannelOptions(_maximumWaiting) { SingleReader = true });
        _lane = new Lane<FlushJob?>(Work);
        _timer = time.CreateTimer(static state => ((LedgerWrites)state!)._lane.TryPost(null), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal int Waiting => Volatile.Read(ref _waiting);

    internal long Dropped => Interlocked.Read(ref _dropped);

    // Hot path: neither blocks nor allocates, but for the channel's growth.
    internal void Append(in LedgerEntry entry)
    {
        // Counts those too that are out of the channel and not in the file yet.
        int waiting = Interlocked.Increment(ref _waiting);
        if (waiting > _maximumWaiting || !_entries.Writer.TryWrite(entry))
        {
            Interlocked.Decrement(ref _waiting);
            Interlocked.Increment(ref _dropped);
        }
        else if (waiting == 1)
        {
            Arm(_flushEvery);
        }
        else if (waiting % GroupRows == 0 && !_isFailing)
        {
            _lane.TryPost(null);
        }
    }

    /// <summary>Completes when all is in the file that was appended before.</summary>
    internal Task FlushAsync()
    {
        var job = new FlushJob();
        return _lane.TryPost(job) ? job.Task : throw new ObjectDisposedException(nameof(SqliteLedger));
    }

    /// <summary>Writes what there is, or gives up at the first failure.</summary>
    public async ValueTask DisposeAsync()
    {
        _entries.Writer.TryComplete();
        _isEnding = true;
        _lane.TryPost(null);
        await _lane.DisposeAsync().ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    private void Arm(TimeSpan after) => _timer.Change(after, Timeout.InfiniteTimeSpan);

    private void Work(ChannelReader<FlushJob?> posted)
    {
        // The jobs first: what they wait for is then in the channel.
        while (posted.TryRead(out FlushJob? job))
        {
            if (job is not null) _jobs.Add(job);
        }

        Exception? failure = null;
        try
        {
            while (TakeGroup())
            {
                WriteGroup();
                OnWritten();
            }
        }
        catch (Exception e)
        {
            // Whatever it is belongs to those who wait, and to the log.
            failure = e;
            OnFailure(e);
        }

        foreach (FlushJob job in _jobs) job.End(failure);
        _jobs.Clear();
        if (!_isEnding && Waiting > 0) Arm(failure is null ? _flushEvery : _pause);
    }

    private bool TakeGroup()
    {
        while (_group.Count < GroupRows && _entries.Reader.TryRead(out LedgerEntry entry)) _group.Add(entry);
        return _group.Count > 0;
    }

    private void WriteGroup()
    {
        _file.Write(writer =>
        {
            writer.Append(_group);
            return true;
        });
        Interlocked.Add(ref _waiting, -_group.Count);
        _group.Clear();
    }

    private void OnWritten()
    {
        if (!_isFailing) return;
        (_isFailing, _isDroppingSaid, _droppedBefore, _pause) = (false, false, Dropped, TimeSpan.Zero);
        _logger.LedgerIsBack(_path, Dropped);
    }

    private void OnFailure(Exception e)
    {
        if (!_isFailing) _logger.LedgerFailed(_path, e);
        _isFailing = true;
        _pause = _pause == TimeSpan.Zero ? _flushEvery : _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        if (_isEnding) GiveUp();
        if (_isDroppingSaid || Dropped == _droppedBefore) return;
        _isDroppingSaid = true;
        _logger.LedgerDrops(_path, Dropped);
    }

    private void GiveUp()
    {
        int lost = _group.Count;
        while (_entries.Reader.TryRead(out _)) lost++;
        _group.Clear();
        Interlocked.Add(ref _waiting, -lost);
        Interlocked.Add(ref _dropped, lost);
    }
}
