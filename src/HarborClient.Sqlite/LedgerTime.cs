namespace HarborClient.Sqlite;

/// <summary>Times as they stand in a ledger: units of 100 ns since 1970, so that SQLite's date functions take a ten-millionth of them.</summary>
internal static class LedgerTime
{
    internal static long Of(DateTimeOffset at) => at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;

    internal static DateTimeOffset Read(long at) => new(at + DateTimeOffset.UnixEpoch.Ticks, TimeSpan.Zero);
}
