using Microsoft.Extensions.Logging;

namespace HarborClient.Sqlite;

/// <summary>Everything this package logs.</summary>
internal static partial class Log
{
    [LoggerMessage(80, LogLevel.Warning, "The cache file {Path} is damaged, or no database: it was renamed to {Aside}, and a new one is begun")]
    internal static partial void FileSetAside(this ILogger logger, string path, string aside);
}
