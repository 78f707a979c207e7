using Microsoft.Data.Sqlite;

namespace HarborClient.Sqlite;

/// <summary>The tables of a cache file, and whose file it is.</summary>
internal static class CacheSchema
{
    /// <summary>Marks a file as one of these: "HbrC".</summary>
    internal const int ApplicationId = 0x48627243;

    /// <summary>Goes up with every change of the tables.</summary>
    internal const int Version = 1;

    // Pages can be given back only if that is said before the first of them is written. The payload stands last: what stands before it is read without it.
    private const string Create = """
        CREATE TABLE entries (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, expires INTEGER NOT NULL, used INTEGER NOT NULL,
            tags TEXT, hash INTEGER NOT NULL, payload BLOB NOT NULL);
        CREATE INDEX entries_expires ON entries (expires);
        CREATE INDEX entries_used ON entries (used);
        CREATE TABLE tags (tag TEXT NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (tag, entry)) WITHOUT ROWID;
        CREATE INDEX tags_entry ON tags (entry);
        CREATE TRIGGER entries_deleted AFTER DELETE ON entries BEGIN DELETE FROM tags WHERE entry = old.id; END;
        PRAGMA application_id = 1214411331;
        PRAGMA user_version = 1;
        """;

    /// <summary>Makes the tables where there are none.</summary>
    /// <exception cref="HarborException">The file is of a newer version of this package, or of another program (Configuration). It was not changed.</exception>
    internal static void Ensure(SqliteConnection connection, string path)
    {
        // In one transaction: between two looks another process may make the tables, and a file half seen is nobody's. Whatever is thrown, the connection is given up.
        Run(connection, "BEGIN");
        bool isThere = IsThere(connection, path);
        Run(connection, "COMMIT");
        if (isThere) return;
        Run(connection, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;");
        Run(connection, "BEGIN IMMEDIATE");

        // Another process may have come first.
        if (IsThere(connection, path)) Run(connection, "ROLLBACK");
        else Run(connection, Create + "COMMIT;");
    }

    internal static void Run(SqliteConnection connection, string sql)
    {
        using var statement = new Statement(connection, sql);
        statement.Run();
    }

    private static bool IsThere(SqliteConnection connection, string path)
    {
        long application = Ask(connection, "PRAGMA application_id");
        long version = Ask(connection, "PRAGMA user_version");
        if (application == ApplicationId && version == Version) return true;
        if (application == ApplicationId)
            throw new HarborException(ErrorKind.Configuration, $"The cache file {path} has version {version} and this program knows {Version}: it is left alone, and nothing is kept. Give UseSqliteCache another path.");
        if (application != 0 || version != 0 || Ask(connection, "SELECT count(*) FROM sqlite_master") != 0)
            throw new HarborException(ErrorKind.Configuration, $"{path} is a database of another program: it is left alone, and nothing is kept. Give UseSqliteCache a path of its own.");
        return false;
    }

    private static long Ask(SqliteConnection connection, string sql)
    {
        using var statement = new Statement(connection, sql);
        return statement.Number();
    }
}
