using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient.Caching;

/// <summary>
/// A cache level that costs no call anything but a short wait: reads have a soft budget, writes are made behind the calls, and a level that fails is left alone for a while. Only who
/// removes entries is told that it could not be reached. Owns the level.
/// </summary>
internal sealed class GuardedLevel : IAsyncDisposable
{
    internal static readonly TimeSpan RemovalTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A level that does not end is left to itself.</summary>
    private static readonly TimeSpan LongestDispose = TimeSpan.FromSeconds(5);

    private readonly ICacheLevel _level;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _name;
    private readonly LevelBreaker _breaker;
    private readonly LevelLatency _latency = new();
    private readonly LevelRemovals _removals;
    private readonly LevelWriter _writer;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lazy<Task> _end;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private Task _probe = Task.CompletedTask;
    private Task _repeats = Task.CompletedTask;
    private bool _isRepeating;
    private bool _isEnding;

    private long _hits;
    private long _misses;
    private long _unasked;
    private long _failures;
    private long _timeouts;

    internal GuardedLevel(ICacheLevel level, TimeProvider time, ILogger logger)
    {
        (_level, _time, _logger, _name) = (level, time, logger, LevelCalls.NameOf(level));
        _breaker = new LevelBreaker(time);
        _removals = new LevelRemovals(time);
        _writer = new LevelWriter(level, _removals, _breaker, time, logger);
        _end = new Lazy<Task>(EndAsync);
    }

    internal CacheLevel Level => _level.Level;

    internal TimeSpan Ttl => _level.Ttl;

    /// <summary>Whether a read has ever come back in time.</summary>
    internal bool HasAnswered => Interlocked.Read(ref _hits) + Interlocked.Read(ref _misses) > 0;

    internal LevelStatistics Statistics
    {
        get
        {
            (TimeSpan median, TimeSpan percentile95) = _latency.Read();
            return new LevelStatistics
            {
                Name = _name,
                Level = Level,
                IsAsked = !_breaker.IsOpen,
                IsWritten = !_breaker.IsOpen && !_writer.IsPaused,
                Hits = Interlocked.Read(ref _hits),
                Misses = Interlocked.Read(ref _misses),
                Unasked = Interlocked.Read(ref _unasked),
                Failures = Interlocked.Read(ref _failures),
                Timeouts = Interlocked.Read(ref _timeouts),
                Stored = _writer.Stored,
                Dropped = _writer.Dropped,
                FailedWrites = _writer.Failed,
                Queued = _writer.Queued,
                QueuedBytes = _writer.QueuedBytes,
                Budget = _latency.Budget,
                MedianRead = median,
                Percentile95Read = percentile95,
            };
        }
    }

    /// <summary>Looks an entry up. Never throws, and takes no longer than the budget: what the level does not answer by then is a miss. Expired and removed entries are misses.</summary>
    internal ValueTask<CacheItem?> GetAsync(string key)
    {
        if (!_breaker.TryEnter(out bool isProbe))
        {
            Interlocked.Increment(ref _unasked);
            return default;
        }

        if (!isProbe) return ReadAsync(key, _latency.Budget);

        // Behind the call: who asks a level that is down waits for nothing.
        Interlocked.Increment(ref _unasked);
        lock (_gate)
        {
            if (!_isEnding) _probe = ReadAsync(key, LevelLatency.LongestBudget).AsTask();
        }

        return default;
    }

    /// <summary>Has an entry written behind the call.</summary>
    /// <returns>Whether it was queued. Where not, the level is left alone or the client is disposed, and it is counted.</returns>
    internal bool TryWrite(string key, CacheItem item) => _writer.TryWrite(key, () => item, item.Payload.Length);

    /// <summary>Has an entry made and written behind the call.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="make">Makes it, once or never.</param>
    /// <param name="expectedBytes">How much memory it holds until then.</param>
    /// <returns>Whether it was queued.</returns>
    internal bool TryWrite(string key, Func<CacheItem> make, int expectedBytes) => _writer.TryWrite(key, make, expectedBytes);

    /// <summary>Removes entries. From the call on this client delivers and writes none that was made before, whether the level can be reached or not.</summary>
    /// <exception cref="HarborException">The level could not be reached. The removal is repeated until it can.</exception>
    internal async ValueTask RemoveAsync(CacheSelection selection, CancellationToken cancellationToken)
    {
        LevelRemovals.Removal removal = _removals.Add(selection);
        try
        {
            await RemoveAsync(removal, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Repeat();
            throw;
        }
        catch (Exception e)
        {
            Repeat();
            throw new HarborException(
                ErrorKind.Network,
                $"Entries could not be removed from {_name} ({Level}), by {Name(selection.Kind)}: it failed, or did not answer within {RemovalTimeout.TotalSeconds:0} s. This client does not use them any more, and repeats the removal until the level is back; other processes may use them until then, or until they expire.",
                e) { IsTransient = true };
        }
    }

    /// <summary>Has a function called when another process removes entries. Call it once, before anything else.</summary>
    internal void Watch(Action<CacheSelection?> removed)
    {
        try
        {
            _level.Watch(selection =>
            {
                if (selection is { } known) _removals.Add(known, isDone: true);
                removed(selection);
            });
        }
        catch (Exception e)
        {
            Log.CacheLevelNotWatched(_logger, _name, e);
        }
    }

    /// <summary>Writes what is queued, for five seconds at most, and disposes the level.</summary>
    public ValueTask DisposeAsync() => new(_end.Value);

    private async ValueTask<CacheItem?> ReadAsync(string key, TimeSpan budget)
    {
        long version = _removals.Version;
        long startedAt = _time.GetTimestamp();
        try
        {
            CacheItem? item = await LevelCalls.AskAsync(token => _level.GetAsync(key, token), budget, _time, _stop.Token).ConfigureAwait(false);
            TimeSpan taken = _time.GetElapsedTime(startedAt);
            _latency.Add(taken);
            if (_breaker.Succeeded()) Log.CacheLevelIsBack(_logger, _name, _writer.Dropped);
            bool isHit = item is { Tags: not null } && item.ExpiresAt > _time.GetUtcNow() && !_removals.IsRemoved(key, item, version);
            Interlocked.Increment(ref (isHit ? ref _hits : ref _misses));
            CacheMeter.Read(CacheCounts.NameOf(Level), isHit ? CacheCounts.Hit : CacheCounts.Miss, taken);
            return isHit ? item : null;
        }
        catch (Exception e)
        {
            // Whatever it is, the level is at fault, and the call goes on without it. A read that ran out of time took at least that long.
            TimeSpan taken = _time.GetElapsedTime(startedAt);
            if (e is TimeoutException) _latency.Add(taken);
            CacheMeter.Read(CacheCounts.NameOf(Level), CacheCounts.Failed, taken);
            Interlocked.Increment(ref (e is TimeoutException ? ref _timeouts : ref _failures));
            if (_breaker.Failed(startedAt)) Log.CacheLevelFailed(_logger, _name, LevelBreaker.Pause, e);
            return null;
        }
    }

    private async ValueTask RemoveAsync(LevelRemovals.Removal removal, CancellationToken cancellationToken)
    {
        await LevelCalls.RunAsync(
            async token =>
            {
                // A write that is under way would bring back what is removed before it.
                await _writer.CurrentWrites().WaitAsync(token).ConfigureAwait(false);
                await _level.RemoveAsync(removal.Selection, token).ConfigureAwait(false);
            },
            RemovalTimeout,
            _time,
            cancellationToken).ConfigureAwait(false);
        removal.IsDone = true;
    }

    private void Repeat()
    {
        lock (_gate)
        {
            if (_isEnding || _isRepeating) return;
            _isRepeating = true;
            _repeats = RepeatAsync();
        }
    }

    /// <summary>Until the level has carried out all removals. Owner: this; <see cref="EndAsync"/> awaits it.</summary>
    private async Task RepeatAsync()
    {
        using var pause = new PeriodicTimer(LevelBreaker.Pause, _time);
        try
        {
            while (await pause.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                foreach (LevelRemovals.Removal removal in _removals.Pending)
                    if (!await IsRemovedAsync(removal).ConfigureAwait(false)) break;
                lock (_gate)
                {
                    _isRepeating = _removals.Pending.Length > 0;
                    if (!_isRepeating) return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end. Other processes keep the entries until they expire, as who asked for the removal was told.
        }
    }

    private async ValueTask<bool> IsRemovedAsync(LevelRemovals.Removal removal)
    {
        try
        {
            await RemoveAsync(removal, _stop.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception) when (!_stop.IsCancellationRequested)
        {
            // The level is still away, which who asked for the removal was told and reads log.
            return false;
        }
    }

    private async Task EndAsync()
    {
        lock (_gate) _isEnding = true;
        await _writer.DisposeAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_probe, _repeats).ConfigureAwait(false);
        try
        {
            await _level.DisposeAsync().AsTask().WaitAsync(LongestDispose, _time).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.CacheLevelNotDisposed(_logger, _name, e);
        }

        _stop.Dispose();
    }

    private static string Name(CacheSelectionKind kind) => kind switch
    {
        CacheSelectionKind.Key => "key",
        CacheSelectionKind.Tag => "tag",
        _ => "prefix",
    };
}
