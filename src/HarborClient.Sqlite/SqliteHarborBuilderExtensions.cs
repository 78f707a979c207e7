namespace HarborClient;

/// <summary>Has clients keep answers, and what they cost, in SQLite files.</summary>
public static class SqliteHarborBuilderExtensions
{
    /// <summary>Adds a durable cache level: one file, which several clients and processes of one machine may share.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The file. It and its folder are made when they are first needed; a relative path is one of the folder that is current now.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The builder.</returns>
    /// <remarks>Nothing is opened before it is needed, and no call fails for what is wrong with the file: see <see cref="SqliteCacheLevel"/>.</remarks>
    /// <exception cref="HarborException">A setting is out of its bounds, or the path is a folder (<see cref="ErrorKind.Configuration"/>).</exception>
    public static HarborBuilder UseSqliteCache(this HarborBuilder builder, string path, Action<SqliteCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new SqliteCacheOptions();
        configure?.Invoke(options);

        // Checked and copied here, so that what is wrong is said here.
        string full = SqliteCacheLevel.FullPath(path);
        SqliteCacheOptions validated = options.Validated();
        return builder.UseCacheLevel((time, loggers) => new SqliteCacheLevel(full, validated, time, loggers));
    }

    /// <summary>Keeps what every attempt costs in a file, which several clients and processes of one machine may share. Reports are made from it, and budgets count what it says was spent before.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The file; not the cache's. It and its folder are made when they are first needed; a relative path is one of the folder that is current now.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The builder.</returns>
    /// <remarks>No call waits for the file, except the first one in a budget, and none fails for what is wrong with it, except those in hard budgets while it cannot be read: see <see cref="SqliteLedger"/>.</remarks>
    /// <exception cref="HarborException">A setting is out of its bounds, or the path is a folder (<see cref="ErrorKind.Configuration"/>).</exception>
    public static HarborBuilder UseSqliteLedger(this HarborBuilder builder, string path, Action<SqliteLedgerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new SqliteLedgerOptions();
        configure?.Invoke(options);
        string full = SqliteCacheLevel.FullPath(path, "ledger");
        SqliteLedgerOptions validated = options.Validated();
        return builder.UseLedgerStore((time, loggers) => new SqliteLedger(full, validated, time, loggers));
    }
}
