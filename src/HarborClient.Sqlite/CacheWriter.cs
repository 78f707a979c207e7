using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace HarborClient.Sqlite;

/// <summary>The connection that changes the file. Each transaction is short, so that other processes get in between. Not thread-safe.</summary>
internal sealed class CacheWriter : IDisposable
{
    /// <summary>Rows removed in one transaction: some milliseconds.</summary>
    private const int Piece = 500;

    private readonly SqliteConnection _connection;
    private readonly RowHash _hash = new();
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _delete;
    private readonly Statement _insert;
    private readonly Statement _tag;
    private readonly Statement _touch;

    /// <param name="connection">Open; disposed with this.</param>
    /// <param name="sizeLimitBytes">How large the file may become.</param>
    internal CacheWriter(SqliteConnection connection, long sizeLimitBytes)
    {
        _connection = connection;
        Room = new CacheRoom(connection, sizeLimitBytes);
        _begin = new Statement(connection, "BEGIN IMMEDIATE");
        _commit = new Statement(connection, "COMMIT");
        _delete = new Statement(connection, "DELETE FROM entries WHERE key = @key", "@key");
        _insert = new Statement(
            connection,
            "INSERT INTO entries (key, created, expires, used, tags, hash, payload) VALUES (@key, @created, @expires, @used, @tags, @hash, @payload)",
            "@key", "@created", "@expires", "@used", "@tags", "@hash", "@payload");
        _tag = new Statement(connection, "INSERT OR IGNORE INTO tags (tag, entry) VALUES (@tag, last_insert_rowid())", "@tag");
        _touch = new Statement(connection, "UPDATE entries SET used = @used WHERE id = @id AND used < @used", "@used", "@id");
    }

    /// <summary>Keeps the file within its size.</summary>
    internal CacheRoom Room { get; }

    internal void Begin() => _begin.Run();

    /// <summary>What was committed outlives the process, however it ends.</summary>
    internal void Commit() => _commit.Run();

    internal void Delete(string key) => _delete.Run(key);

    /// <summary>Writes an entry in place of one with the same key.</summary>
    internal void Set(string key, CacheItem item, long usedAt)
    {
        Delete(key);
        string? tags = TagText.Of(item.Tags);
        long created = item.CreatedAt.UtcTicks;
        long expires = item.ExpiresAt.UtcTicks;
        _insert.Run(key, created, expires, usedAt, tags, _hash.Of(key, created, expires, tags, item.Payload.Span), ArrayOf(item.Payload));
        foreach (string tag in item.Tags) _tag.Run(tag);
    }

    internal void Touch(long id, long usedAt) => _touch.Run(usedAt, id);

    /// <summary>Removes some of what is meant, in a transaction of its own.</summary>
    /// <returns>Whether there was any.</returns>
    internal bool RemoveSome(CacheSelection selection)
    {
        if (selection.Kind == CacheSelectionKind.Tag)
        {
            using var byTag = new Statement(_connection, "DELETE FROM entries WHERE id IN (SELECT entry FROM tags WHERE tag = @tag LIMIT @piece)", "@tag", "@piece");
            return byTag.Run(selection.Value, Piece) > 0;
        }

        if (selection.Kind == CacheSelectionKind.Key) return _delete.Run(selection.Value) > 0;
        (string from, object to) = KeyRange.Of(selection.Value);
        using var byPrefix = new Statement(_connection, "DELETE FROM entries WHERE id IN (SELECT id FROM entries WHERE key >= @from AND key < @to LIMIT @piece)", "@from", "@to", "@piece");
        return byPrefix.Run(from, to, Piece) > 0;
    }

    public void Dispose()
    {
        foreach (Statement statement in (ReadOnlySpan<Statement>)[_begin, _commit, _delete, _insert, _tag, _touch]) statement.Dispose();
        Room.Dispose();
        _hash.Dispose();
        _connection.Dispose();
    }

    /// <summary>SQLite is given arrays; most payloads are one already.</summary>
    private static byte[] ArrayOf(ReadOnlyMemory<byte> payload) =>
        MemoryMarshal.TryGetArray(payload, out ArraySegment<byte> segment) && segment.Count == segment.Array!.Length ? segment.Array : payload.ToArray();
}
