using Microsoft.Extensions.Logging;

namespace HarborClient.Sqlite;

/// <summary>Everything this package logs.</summary>
internal static partial class Log
{
    [LoggerMessage(80, LogLevel.Warning, "The {Name} {Path} is damaged, or no database: it was renamed to {Aside}, and a new one is begun")]
    internal static partial void FileSetAside(this ILogger logger, string name, string path, string aside);

    [LoggerMessage(81, LogLevel.Warning, "The ledger {Path} cannot be written: entries wait in memory (SqliteLedger.MaximumWaiting), and it is tried again")]
    internal static partial void LedgerFailed(this ILogger logger, string path, Exception exception);

    [LoggerMessage(82, LogLevel.Information, "The ledger {Path} is written again. Entries dropped so far: {Dropped}")]
    internal static partial void LedgerIsBack(this ILogger logger, string path, long dropped);

    [LoggerMessage(83, LogLevel.Error, "The ledger {Path} still cannot be written, and more entries came than may wait (SqliteLedger.MaximumWaiting): {Dropped} are dropped so far")]
    internal static partial void LedgerDrops(this ILogger logger, string path, long dropped);

    [LoggerMessage(84, LogLevel.Error, "The ledger {Path} was closed without {Dropped} entries that could not be written")]
    internal static partial void LedgerLost(this ILogger logger, string path, long dropped);

    [LoggerMessage(85, LogLevel.Warning, "The ledger {Path} could not be written to its end in time: {Waiting} entries still wait, and are lost if the process ends now")]
    internal static partial void LedgerEndsLate(this ILogger logger, string path, int waiting);
}
