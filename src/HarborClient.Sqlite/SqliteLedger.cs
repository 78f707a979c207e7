using System.Runtime.CompilerServices;
using System.Threading.Channels;
using HarborClient.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HarborClient;

/// <summary>A durable ledger: one SQLite file in WAL mode, a row for each attempt, which several clients and processes of one machine may share.</summary>
/// <remarks>
/// <para>Thread-safe. Appending waits for nothing: entries are written in groups, 200 ms later at most (<see cref="SqliteLedgerOptions.FlushEvery"/>), and what a killed process
/// loses are those that waited. An entry that is appended twice is kept once.</para>
/// <para>While the file is locked or the disk full, entries are held in memory up to <see cref="SqliteLedgerOptions.MaximumWaiting"/> and tried again; one line in the log says when that
/// begins, one when it ends. Reading first has all written that was appended, and fails where that does.</para>
/// <para>A file that is damaged, or no database, is renamed to <c>….corrupt-TIME</c>, said in the log, and a new one is begun: reports and budgets do not know what was in the old one.
/// One of a newer version or of another program is left alone: every read fails with a <see cref="HarborException"/> that names it.</para>
/// </remarks>
public sealed class SqliteLedger : ILedgerStore
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);

    private readonly string _path;
    private readonly LedgerFile _file;
    private readonly LedgerWrites _writes;
    private readonly Lane<PageJob> _reads;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lazy<Task> _end;

    /// <param name="path">The file. It and its folder are made when they are first needed.</param>
    /// <param name="options">Copied; <see langword="null"/> for the defaults.</param>
    /// <param name="time">By which entries wait. Default <see cref="TimeProvider.System"/>.</param>
    /// <param name="loggers">Where it is said what is wrong with the file. Default nowhere.</param>
    /// <exception cref="HarborException">A setting is out of its bounds, or the path is a folder (<see cref="ErrorKind.Configuration"/>).</exception>
    public SqliteLedger(string path, SqliteLedgerOptions? options = null, TimeProvider? time = null, ILoggerFactory? loggers = null)
    {
        options = (options ?? new SqliteLedgerOptions()).Validated();
        _path = SqliteCacheLevel.FullPath(path, "ledger");
        _time = time ?? TimeProvider.System;
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("HarborClient.Sqlite");
        _file = new LedgerFile(_path, _time, _logger);
        _writes = new LedgerWrites(_file, _path, options, _time, _logger);
        _reads = new Lane<PageJob>(Read);
        _end = new Lazy<Task>(EndAsync);
    }

    /// <summary>How many entries were dropped since it was made, because they could not be written.</summary>
    public long Dropped => _writes.Dropped;

    /// <summary>How many entries wait to be written.</summary>
    public int Waiting => _writes.Waiting;

    /// <inheritdoc/>
    public void Append(in LedgerEntry entry) => _writes.Append(entry);

    /// <inheritdoc/>
    /// <exception cref="HarborException">The file is not the ledger's (<see cref="ErrorKind.Configuration"/>).</exception>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The file cannot be read, or what was appended cannot be written.</exception>
    /// <exception cref="IOException">There can be no file at that path.</exception>
    public async IAsyncEnumerable<LedgerEntry> ReadAsync(DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await _writes.FlushAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        bool isLast = false;
        for (var place = LedgerPlace.Before(from); !isLast;)
        {
            var job = new PageJob(place, to, cancellationToken);
            _reads.Post(job);
            LedgerPage page = await job.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            foreach (LedgerEntry entry in page.Entries) yield return entry;
            (place, isLast) = (page.End, page.IsLast);
        }
    }

    /// <summary>Writes what was appended, up to the first failure, and closes the file.</summary>
    /// <returns>A task that completes when it is closed, or after five seconds: then it is closed when the disk lets it.</returns>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _end.Value.WaitAsync(LongestEnd, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _logger.LedgerEndsLate(_path, Waiting);
        }
    }

    /// <summary>What it is called in errors.</summary>
    /// <returns>The path of its file, and what has set it.</returns>
    public override string ToString() => $"{_path} (UseSqliteLedger)";

    private async Task EndAsync()
    {
        await _writes.DisposeAsync().ConfigureAwait(false);
        await _reads.DisposeAsync().ConfigureAwait(false);
        if (Dropped > 0) _logger.LedgerLost(_path, Dropped);
        _file.Dispose();
    }

    private void Read(ChannelReader<PageJob> jobs)
    {
        while (jobs.TryRead(out PageJob? job))
        {
            if (job.Cancellation.IsCancellationRequested)
            {
                job.TrySetCanceled(job.Cancellation);
                continue;
            }

            try
            {
                job.TrySetResult(_file.Read(job.Read));
            }
            catch (Exception e)
            {
                // Whatever it is belongs to the one who waits; who does not any more leaves nothing unobserved.
                job.TrySetException(e);
                _ = job.Task.Exception;
            }
        }
    }
}
