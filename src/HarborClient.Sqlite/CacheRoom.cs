using Microsoft.Data.Sqlite;

namespace HarborClient.Sqlite;

/// <summary>Keeps the file within its size: what has expired goes, then what was not used for the longest, in small transactions. Not thread-safe.</summary>
internal sealed class CacheRoom : IDisposable
{
    /// <summary>Rows looked at in one transaction.</summary>
    private const int Piece = 64;

    /// <summary>Expired rows removed in one transaction.</summary>
    private const int SweptPiece = 500;

    /// <summary>Pages given back in one transaction: 1 MB.</summary>
    private const int VacuumedPages = 256;

    /// <summary>Pieces given back before one write: many more would hold it up.</summary>
    private const int VacuumedPieces = 8;

    private readonly long _limitBytes;
    private readonly Statement _pageBytes;
    private readonly Statement _pages;
    private readonly Statement _freePages;
    private readonly Statement _vacuum;
    private readonly Statement _checkpoint;
    private readonly Statement _sweep;
    private readonly Statement _oldest;
    private readonly Statement _delete;
    private readonly Statement _begin;
    private readonly Statement _commit;

    internal CacheRoom(SqliteConnection connection, long limitBytes)
    {
        _limitBytes = limitBytes;
        _pageBytes = new Statement(connection, "PRAGMA page_size");
        _pages = new Statement(connection, "PRAGMA page_count");
        _freePages = new Statement(connection, "PRAGMA freelist_count");
        _vacuum = new Statement(connection, $"PRAGMA incremental_vacuum({VacuumedPages})");
        _checkpoint = new Statement(connection, "PRAGMA wal_checkpoint(PASSIVE)");
        _sweep = new Statement(connection, "DELETE FROM entries WHERE id IN (SELECT id FROM entries WHERE expires <= @now LIMIT @piece)", "@now", "@piece");
        _oldest = new Statement(connection, "SELECT id, length(payload) FROM entries ORDER BY used LIMIT @piece", "@piece");
        _delete = new Statement(connection, "DELETE FROM entries WHERE id = @id", "@id");
        _begin = new Statement(connection, "BEGIN IMMEDIATE");
        _commit = new Statement(connection, "COMMIT");
    }

    /// <summary>Removes some of what has expired.</summary>
    /// <returns>Whether there was any.</returns>
    internal bool SweepSome(long now) => _sweep.Run(now, SweptPiece) > 0;

    /// <summary>Makes room for so many bytes, where the file has not as much left.</summary>
    internal void Make(long bytes, long now)
    {
        long pageBytes = _pageBytes.Number();
        while (((_pages.Number() - _freePages.Number()) * pageBytes) + bytes > _limitBytes)
        {
            if (!SweepSome(now) && !EvictSome(bytes)) return;
        }

        GiveBack(pageBytes);
    }

    public void Dispose()
    {
        foreach (Statement statement in (ReadOnlySpan<Statement>)[_pageBytes, _pages, _freePages, _vacuum, _checkpoint, _sweep, _oldest, _delete, _begin, _commit]) statement.Dispose();
    }

    /// <summary>Removes those that were not used for the longest: as many as are needed and a little more, so that not every write has to.</summary>
    /// <returns>Whether there was any.</returns>
    private bool EvictSome(long bytes)
    {
        long wanted = bytes + (_limitBytes / 64);
        var chosen = new List<long>(Piece);
        using (SqliteDataReader rows = _oldest.Rows(Piece))
        {
            while (wanted > 0 && rows.Read())
            {
                chosen.Add(rows.GetInt64(0));
                wanted -= rows.GetInt64(1);
            }
        }

        _begin.Run();
        foreach (long id in chosen) _delete.Run(id);
        _commit.Run();
        return chosen.Count > 0;
    }

    /// <summary>Shrinks the file where much of it is empty, or where it is larger than it may be since the limit was lowered.</summary>
    private void GiveBack(long pageBytes)
    {
        int pieces = 0;
        while (pieces < VacuumedPieces && IsWorthIt(_pages.Number(), _freePages.Number(), pageBytes))
        {
            _vacuum.RunToEnd();
            pieces++;
        }

        // The file itself becomes shorter at a checkpoint.
        if (pieces > 0) _checkpoint.RunToEnd();
    }

    private bool IsWorthIt(long pages, long free, long pageBytes) => free > 0 && (pages * pageBytes > _limitBytes || (free > VacuumedPages && free > pages / 4));
}
