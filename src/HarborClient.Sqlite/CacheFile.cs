using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace HarborClient.Sqlite;

/// <summary>The file: opened when it is needed, and begun anew when it is damaged or gone. One reads and one writes at the same time.</summary>
internal sealed class CacheFile : IDisposable
{
    /// <summary>Codes of SQLite for a file that is damaged, and for one that is no database.</summary>
    private const int Corrupt = 11;

    private const int NotADatabase = 26;

    /// <summary>How long a look-up waits for another process, in seconds; the shortest that commands know.</summary>
    private const int ReadBusySeconds = 1;

    /// <summary>How long a write waits, which no call waits for: other processes' transactions take milliseconds, but those of a busy disk seconds, and SQLite lets nobody queue.</summary>
    private const int WriteBusySeconds = 5;

    private const int PageBytes = 4096;

    private readonly string _path;
    private readonly long _sizeLimitBytes;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _renewing = new();
    private readonly FileSide<CacheReader> _reader;
    private readonly FileSide<CacheWriter> _writer;

    // Guarded by _renewing; which of the files that had this path is open.
    private int _generation;

    internal CacheFile(string path, long sizeLimitBytes, TimeProvider time, ILogger logger)
    {
        (_path, _sizeLimitBytes, _time, _logger) = (path, sizeLimitBytes, time, logger);
        _reader = new FileSide<CacheReader>(() => Open(ReadBusySeconds, connection => new CacheReader(connection)));
        _writer = new FileSide<CacheWriter>(() => Open(WriteBusySeconds, connection => new CacheWriter(connection, _sizeLimitBytes)));
    }

    internal T Read<T>(Func<CacheReader, T> read) => Use(_reader, read);

    internal T Write<T>(Func<CacheWriter, T> write) => Use(_writer, write);

    public void Dispose()
    {
        _reader.Close();
        _writer.Close();
    }

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
        _logger.FileSetAside(_path, aside);
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
            CacheSchema.Run(connection, $"PRAGMA busy_timeout = {1000 * busySeconds}");
            CacheSchema.Ensure(connection, _path);

            // In WAL mode NORMAL loses nothing when a process ends, and after a power failure the last transactions but never the file.
            CacheSchema.Run(connection, FormattableString.Invariant($"PRAGMA synchronous = NORMAL; PRAGMA cell_size_check = ON; PRAGMA wal_autocheckpoint = {LogPages}; PRAGMA journal_size_limit = {LogPages * PageBytes}"));
            return create(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>How long the log becomes before its pages are written to the file: 4 MB, and an eighth of a small file.</summary>
    private long LogPages => Math.Min(1000, _sizeLimitBytes / 8 / PageBytes);
}
