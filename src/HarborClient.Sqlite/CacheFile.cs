using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace HarborClient.Sqlite;

/// <summary>The file of a cache level.</summary>
internal sealed class CacheFile(string path, long sizeLimitBytes, TimeProvider time, ILogger logger)
    : DatabaseFile<CacheReader, CacheWriter>(path, CacheSchema.Format, WriteBusySeconds, Math.Min(MostLogPages, sizeLimitBytes / 8 / PageBytes), time, logger)
{
    /// <summary>Other processes' transactions take milliseconds, but those of a busy disk seconds, and SQLite lets nobody queue.</summary>
    private const int WriteBusySeconds = 5;

    private const int PageBytes = 4096;

    /// <summary>4 MB, or an eighth of a small file.</summary>
    private const long MostLogPages = 1000;

    private protected override CacheReader CreateReader(SqliteConnection connection) => new(connection);

    private protected override CacheWriter CreateWriter(SqliteConnection connection) => new(connection, sizeLimitBytes);
}
