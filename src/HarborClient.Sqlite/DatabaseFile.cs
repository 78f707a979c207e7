using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace HarborClient.Sqlite;

/// <summary>A file: opened when it is needed, and begun anew when it is damaged or gone. One reads and one writes at the same time.</summary>
internal abstract class DatabaseFile<TReader, TWriter> : IDisposable
    where TReader : class, IDisposable
    where TWriter : class, IDisposable
{
    /// <summary>Codes of SQLite for a file that is damaged, and for one that is no database.</summary>
    private const int Corrupt = 11;

    private const int NotADatabase = 26;

    /// <summary>How long a look-up waits for another process, in seconds; the shortest that commands know.</summary>
    private const int ReadBusySeconds = 1;

    private const int PageBytes = 4096;

    private readonly string _path;
    private readonly FileFormat _format;
    private readonly long _logPages;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _renewing = new();
    private readonly FileSide<TReader> _reader;
    private readonly FileSide<TWriter> _writer;

    // Guarded by _renewing; which of the files that had this path is open.
    private int _generation;

    /// <param name="path">The file.</param>
    /// <param name="format">Whose file it is.</param>
    /// <param name="writeBusySeconds">How long a write waits for other processes, which no call waits for.</param>
    /// <param name="logPages">How long the log becomes before its pages are written to the file.</param>
    /// <param name="time">For the name of a damaged file.</param>
    /// <param name="logger">Where one is said.</param>
    private protected DatabaseFile(string path, FileFormat format, int writeBusySeconds, long logPages, TimeProvider time, ILogger logger)
    {
        (_path, _format, _logPages, _time, _logger) = (path, format, logPages, time, logger);
        _reader = new FileSide<TReader>(() => Open(ReadBusySeconds, CreateReader));
        _writer = new FileSide<TWriter>(() => Open(writeBusySeconds, CreateWriter));
    }

    internal T Read<T>(Func<TReader, T> read) => Use(_reader, read);

    internal T Write<T>(Func<TWriter, T> write) => Use(_writer, write);

    public void Dispose()
    {
        _reader.Close();
        _writer.Close();
    }

    private protected abstract TReader CreateReader(SqliteConnection connection);

    private protected abstract TWriter CreateWriter(SqliteConnection connection);

    private static bool IsDamage(SqliteException e) => e.SqliteErrorCode is Corrupt or NotADatabase;

    private T Use<TSide, T>(FileSide<TSide> side, Func<TSide, T> use) where TSide : class, IDisposable
    {
        int generation = Volatile.Read(ref _generation);
        if (side.IsOpen && !File.Exists(_path))
        {
            Renew(generation, isDamaged: false);
            generation = Volatile.Read(ref _generation);
        }

        try
        {
            return side.Use(use);
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            // Another process may have begun a new file: that is looked at first.
        }

        try
        {
            return side.Use(use);
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            Renew(generation, isDamaged: true);
        }

        return side.Use(use);
    }

    private void Renew(int generation, bool isDamaged)
    {
        lock (_renewing)
        {
            // The other side has seen it too, and was first.
            if (generation != _generation) return;
            _reader.Close();
            _writer.Close();
            if (isDamaged) SetAside();
            Volatile.Write(ref _generation, generation + 1);
        }
    }

    private void SetAside()
    {
        string time = _time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string aside = $"{_path}.corrupt-{time}";
        for (int i = 2; File.Exists(aside); i++) aside = $"{_path}.corrupt-{time}-{i}";
        File.Move(_path, aside);
        DeleteLog();
        _logger.FileSetAside(_format.Name, _path, aside);
    }

    /// <summary>The log of a file that is gone is not the next one's.</summary>
    private void DeleteLog()
    {
        File.Delete(_path + "-wal");
        File.Delete(_path + "-shm");
    }

    private TSide Open<TSide>(int busySeconds, Func<SqliteConnection, TSide> create)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        if (!File.Exists(_path)) DeleteLog();
        var settings = new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = false, DefaultTimeout = busySeconds };
        var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            FileFormat.Run(connection, $"PRAGMA busy_timeout = {1000 * busySeconds}");
            _format.Ensure(connection, _path);

            // In WAL mode NORMAL loses nothing when a process ends, and after a power failure the last transactions but never the file.
            FileFormat.Run(connection, FormattableString.Invariant($"PRAGMA synchronous = NORMAL; PRAGMA cell_size_check = ON; PRAGMA wal_autocheckpoint = {_logPages}; PRAGMA journal_size_limit = {_logPages * PageBytes}"));
            return create(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
