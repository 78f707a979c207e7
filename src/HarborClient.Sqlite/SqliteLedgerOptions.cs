namespace HarborClient;

/// <summary>What attempts cost, kept in a SQLite file.</summary>
public sealed class SqliteLedgerOptions
{
    private static readonly TimeSpan SoonestFlush = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LatestFlush = TimeSpan.FromSeconds(10);

    /// <summary>How long an entry waits at most for others to be written with. A process that is killed loses those that wait.</summary>
    /// <value>Default 200 ms; 10 ms to 10 s. A thousand entries are written at once, whatever this says.</value>
    public TimeSpan FlushEvery { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How many entries are held in memory while the file cannot be written: those beyond are dropped, counted (<see cref="SqliteLedger.Dropped"/>) and logged. About 400 bytes each.</summary>
    /// <value>Default 100,000; 2,000 to 10,000,000.</value>
    public int MaximumWaiting { get; set; } = 100_000;

    internal SqliteLedgerOptions Validated()
    {
        if (FlushEvery < SoonestFlush || FlushEvery > LatestFlush) throw OutOfRange($"SqliteLedger.FlushEvery must be {SoonestFlush} to {LatestFlush} (was {FlushEvery}).");
        if (MaximumWaiting is < 2_000 or > 10_000_000) throw OutOfRange(FormattableString.Invariant($"SqliteLedger.MaximumWaiting must be 2,000 to 10,000,000 (was {MaximumWaiting:N0})."));
        return new SqliteLedgerOptions { FlushEvery = FlushEvery, MaximumWaiting = MaximumWaiting };
    }

    private static HarborException OutOfRange(string message) => new(ErrorKind.Configuration, message);
}
