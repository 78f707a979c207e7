using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace HarborClient.Sqlite;

/// <summary>The connection that reads. Not thread-safe.</summary>
internal sealed class LedgerReader : IDisposable
{
    /// <summary>Rows of a page: few enough that no transaction holds up the writing of the log for long.</summary>
    internal const int PageRows = 2_000;

    private readonly SqliteConnection _connection;
    private readonly Statement _page;

    /// <param name="connection">Open; disposed with this.</param>
    internal LedgerReader(SqliteConnection connection)
    {
        _connection = connection;
        _page = new Statement(
            connection,
            """
            SELECT id, at, attempts, calls, provider, model, alias, endpoint, tenant, user, tags, plain_input, cached_input, cache_write, cache_write_1h, audio_input, image_input,
                plain_output, reasoning, audio_output, searches, cost_nano, estimated_nano, unpriced, price_version, number
            FROM attempts WHERE (at, number) > (@at, @number) AND at < @to ORDER BY at, number LIMIT @rows
            """,
            "@at", "@number", "@to", "@rows");
    }

    /// <summary>Reads the next rows, in order of time.</summary>
    internal LedgerPage Read(LedgerPlace after, DateTimeOffset to)
    {
        var entries = new List<LedgerEntry>();
        using SqliteDataReader row = _page.Rows(after.At, after.Number, LedgerTime.Of(to), PageRows);
        while (row.Read())
        {
            entries.Add(Entry(row));
            after = new LedgerPlace(row.GetInt64(1), row.GetInt64(25));
        }

        return new LedgerPage(entries, after);
    }

    public void Dispose()
    {
        _page.Dispose();
        _connection.Dispose();
    }

    private static LedgerEntry Entry(SqliteDataReader row) => new()
    {
        Id = row.IsDBNull(0) ? UInt128.Zero : BinaryPrimitives.ReadUInt128BigEndian(row.GetFieldValue<byte[]>(0)),
        At = LedgerTime.Read(row.GetInt64(1)),
        Attempts = row.GetInt64(2),
        Calls = row.GetInt64(3),
        Provider = row.GetString(4),
        Model = row.GetString(5),
        Alias = row.GetString(6),
        Endpoint = row.GetString(7),
        Tenant = Text(row, 8),
        User = Text(row, 9),
        Tags = Text(row, 10),
        Tokens = new BilledTokens(
            row.GetInt64(11), row.GetInt64(12), row.GetInt64(13), row.GetInt64(14), row.GetInt64(15), row.GetInt64(16), row.GetInt64(17), row.GetInt64(18), row.GetInt64(19), row.GetInt64(20)),
        Cost = new Money(row.GetInt64(21)),
        Estimated = new Money(row.GetInt64(22)),
        Unpriced = row.GetInt64(23),
        PriceVersion = Text(row, 24),
    };

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

/// <summary>Some rows, and where they end.</summary>
internal sealed record LedgerPage(List<LedgerEntry> Entries, LedgerPlace End)
{
    internal bool IsLast => Entries.Count < LedgerReader.PageRows;
}

/// <summary>A place in the order in which rows are read.</summary>
internal readonly record struct LedgerPlace(long At, long Number)
{
    /// <summary>Before all rows of a time: their numbers begin with 1.</summary>
    internal static LedgerPlace Before(DateTimeOffset from) => new(LedgerTime.Of(from), 0);
}
