namespace HarborClient;

/// <summary>Keeps what attempts cost for longer than the process lives. HarborClient.Sqlite has one; add it with <see cref="HarborBuilder.UseLedgerStore"/>.</summary>
/// <remarks>Thread-safe. The client disposes it, after its last entry. What its <c>ToString</c> returns names it in errors.</remarks>
public interface ILedgerStore : IAsyncDisposable
{
    /// <summary>Takes an entry. Must neither block nor throw: what cannot be written at once is queued, and what must be dropped is counted and logged.</summary>
    /// <param name="entry">One attempt.</param>
    void Append(in LedgerEntry entry);

    /// <summary>Reads entries in order of time, those that were appended before included.</summary>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The moment after the last.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The entries; a store that keeps sums gives those that begin in that time.</returns>
    IAsyncEnumerable<LedgerEntry> ReadAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken = default);
}
