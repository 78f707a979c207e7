using Microsoft.Data.Sqlite;

namespace HarborClient.Sqlite;

/// <summary>The connection that looks entries up. Not thread-safe.</summary>
internal sealed class CacheReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Statement _find;
    private readonly RowHash _hash = new();

    /// <param name="connection">Open; disposed with this.</param>
    internal CacheReader(SqliteConnection connection)
    {
        _connection = connection;
        _find = new Statement(connection, "SELECT id, created, expires, used, tags, hash, payload FROM entries WHERE key = @key", "@key");
    }

    /// <returns>The row, if there is one that is whole.</returns>
    internal FoundRow? Find(string key)
    {
        using SqliteDataReader row = _find.Rows(key);
        if (!row.Read()) return null;
        long created = row.GetInt64(1);
        long expires = row.GetInt64(2);
        string? tags = row.IsDBNull(4) ? null : row.GetString(4);
        byte[] payload = row.GetFieldValue<byte[]>(6);
        if (_hash.Of(key, created, expires, tags, payload) != row.GetInt64(5)) return null;
        var item = new CacheItem(payload, new DateTimeOffset(created, TimeSpan.Zero), new DateTimeOffset(expires, TimeSpan.Zero), TagText.Read(tags));
        return new FoundRow(row.GetInt64(0), item, row.GetInt64(3));
    }

    public void Dispose()
    {
        _find.Dispose();
        _hash.Dispose();
        _connection.Dispose();
    }
}

/// <summary>A row of the file.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Item">What it keeps, expired or not.</param>
/// <param name="UsedAt">When it was last used, coarsely; in ticks.</param>
internal readonly record struct FoundRow(long Id, CacheItem Item, long UsedAt);
