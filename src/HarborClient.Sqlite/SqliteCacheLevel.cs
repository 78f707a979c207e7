using System.Threading.Channels;
using HarborClient.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HarborClient;

/// <summary>A durable cache level: one SQLite file in WAL mode, which several clients and processes of one machine may share.</summary>
/// <remarks>
/// <para>Thread-safe. No caller's thread waits for the disk: one loop reads and one writes, each a single thread of the pool at most, and only while there is work.</para>
/// <para>A write that has completed is in the file however the process ends. After a power failure the last seconds may be missing; the file is not damaged by it.</para>
/// <para>The file is opened when it is first needed, and again after every failure. One that is damaged, or no database, is renamed to <c>….corrupt-TIME</c>, said once in the log, and
/// a new one is begun. One of a newer version or of another program is left alone: every operation fails with a <see cref="HarborException"/> that names it, until it is gone.</para>
/// <para>SQLite carries no messages between processes: entries that one removes are gone from the file at once, and from the memory of other processes when they expire there.</para>
/// <para>Delete the file only while no process has it open. A process that sees that it is gone begins a new one.</para>
/// </remarks>
public sealed class SqliteCacheLevel : ICacheLevel
{
    /// <summary>Uses are remembered this coarsely, so that a hit seldom costs a write.</summary>
    private static readonly TimeSpan UsedWithin = TimeSpan.FromMinutes(10);

    /// <summary>Uses that wait to be remembered; beyond, they are forgotten.</summary>
    private const int MostTouches = 1_000;

    private readonly CacheFile _file;
    private readonly CacheWrites _writer;
    private readonly Lane<ReadJob> _reads;
    private readonly Lane<WriteJob> _writes;
    private readonly TimeProvider _time;
    private readonly long _mostItemBytes;

    /// <param name="path">The file. It and its folder are made when they are first needed.</param>
    /// <param name="options">Copied; <see langword="null"/> for the defaults.</param>
    /// <param name="time">By which entries expire. Default <see cref="TimeProvider.System"/>.</param>
    /// <param name="loggers">Where a damaged file is said. Default nowhere.</param>
    /// <exception cref="HarborException">A setting is out of its bounds, or the path is a folder (<see cref="ErrorKind.Configuration"/>).</exception>
    public SqliteCacheLevel(string path, SqliteCacheOptions? options = null, TimeProvider? time = null, ILoggerFactory? loggers = null)
    {
        options = (options ?? new SqliteCacheOptions()).Validated();
        _time = time ?? TimeProvider.System;
        _file = new CacheFile(FullPath(path), options.SizeLimitBytes, _time, (loggers ?? NullLoggerFactory.Instance).CreateLogger("HarborClient.Sqlite"));
        _writer = new CacheWrites(_file, options.SizeLimitBytes, _time);
        _reads = new Lane<ReadJob>(Read);
        _writes = new Lane<WriteJob>(_writer.Work);
        _mostItemBytes = options.SizeLimitBytes / 8;
        Ttl = options.Ttl;
    }

    /// <inheritdoc/>
    public CacheLevel Level => CacheLevel.Durable;

    /// <inheritdoc/>
    public TimeSpan Ttl { get; }

    /// <inheritdoc/>
    public ValueTask<CacheItem?> GetAsync(string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        var job = new ReadJob(key, cancellationToken);
        _reads.Post(job);
        return new ValueTask<CacheItem?>(job.Task.WaitAsync(cancellationToken));
    }

    /// <inheritdoc/>
    /// <remarks>Completes when the entry is in the file. One that has expired, or is too large (<see cref="SqliteCacheOptions.SizeLimitBytes"/>), is not kept.</remarks>
    public ValueTask SetAsync(string key, CacheItem item, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(item);
        DateTimeOffset now = _time.GetUtcNow();
        var job = new SetJob(key, item, now.UtcTicks, cancellationToken);

        // What stood under its key is not the answer any more.
        if (item.ExpiresAt <= now || job.Bytes > _mostItemBytes) job = new SetJob(key, null, now.UtcTicks, cancellationToken);
        return PostAsync(job);
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(CacheSelection selection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(selection.Value);
        return PostAsync(new RemoveJob(selection, cancellationToken));
    }

    /// <summary>Does nothing: SQLite carries no messages between processes.</summary>
    /// <param name="removed">Is never called.</param>
    public void Watch(Action<CacheSelection?> removed)
    {
    }

    /// <summary>Writes what has been asked for, up to the first failure, and closes the file.</summary>
    /// <returns>A task that completes when it is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        await _reads.DisposeAsync().ConfigureAwait(false);
        _writer.End();
        await _writes.DisposeAsync().ConfigureAwait(false);
        _file.Dispose();
    }

    internal static string FullPath(string path, string what = "cache")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string full = Path.GetFullPath(path);
        if (Path.EndsInDirectorySeparator(full) || Directory.Exists(full)) throw new HarborException(ErrorKind.Configuration, $"The path of a SQLite {what} must be one of a file ({full} is a folder).");
        return full;
    }

    private ValueTask PostAsync(WriteJob job)
    {
        _writes.Post(job);
        return new ValueTask(job.Task.WaitAsync(job.Cancellation));
    }

    private void Read(ChannelReader<ReadJob> jobs)
    {
        while (jobs.TryRead(out ReadJob? job))
        {
            if (job.Cancellation.IsCancellationRequested)
            {
                job.TrySetCanceled(job.Cancellation);
                continue;
            }

            try
            {
                job.TrySetResult(Fresh(_file.Read(reader => reader.Find(job.Key))));
            }
            catch (Exception e)
            {
                // Whatever it is belongs to the one who waits; who does not any more leaves nothing unobserved.
                job.TrySetException(e);
                _ = job.Task.Exception;
            }
        }
    }

    private CacheItem? Fresh(FoundRow? found)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (found is not { } row || row.Item.ExpiresAt <= now) return null;
        if (now.UtcTicks - row.UsedAt >= UsedWithin.Ticks && _writes.Waiting < MostTouches) _writes.TryPost(new TouchJob(row.Id, now.UtcTicks));
        return row.Item;
    }
}
