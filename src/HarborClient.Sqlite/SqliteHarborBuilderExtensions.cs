namespace HarborClient;

/// <summary>Has clients keep answers in a SQLite file.</summary>
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
}
