using System.Collections.Concurrent;
using HarborClient.Tests;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace HarborClient.IntegrationTests.Stores;

// A cache file in a folder of its own, levels that open it, and another program that looks into it.
internal sealed class SqliteStore : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SqliteStore() => Path = _folder.File("cache.db");

    public string Folder => _folder.Path;

    public string Path { get; init; }

    public ManualTimeProvider Time { get; } = new();

    public LogLines Logs { get; } = new();

    public SqliteCacheLevel Level(SqliteCacheOptions? options = null) => new(Path, options, Time, Logs);

    public CacheItem Item(byte[] payload, TimeSpan? ttl = null, params string[] tags) => new(payload, Time.GetUtcNow(), Time.GetUtcNow() + (ttl ?? TimeSpan.FromHours(1)), tags);

    public static byte[] Bytes(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public object? Ask(string sql)
    {
        using SqliteConnection connection = Connect();
        return Ask(connection, sql);
    }

    public static object? Ask(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant of a test.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    public string[] SetAside() => [.. Directory.GetFiles(Folder).Where(file => file.Contains(".corrupt-", StringComparison.Ordinal))];

    public void Dispose() => _folder.Dispose();

    // What a level says.
    internal sealed class LogLines : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string line = formatter(state, exception);
            Lines.Enqueue(line);
            KeyWatch.Hear($"log event {eventId.Id}", $"{line} {exception}");
        }

        public void Dispose()
        {
        }
    }
}
