using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace HarborClient.Sqlite;

/// <summary>The file of a ledger.</summary>
internal sealed class LedgerFile(string path, TimeProvider time, ILogger logger) : DatabaseFile<LedgerReader, LedgerWriter>(path, LedgerSchema.Format, WriteBusySeconds, LogPages, time, logger)
{
    /// <summary>Short, because what could not be written is tried again, and the end of a client waits for two of them at most.</summary>
    private const int WriteBusySeconds = 2;

    /// <summary>4 MB.</summary>
    private const long LogPages = 1000;

    private protected override LedgerReader CreateReader(SqliteConnection connection) => new(connection);

    private protected override LedgerWriter CreateWriter(SqliteConnection connection) => new(connection);
}
