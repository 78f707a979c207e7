namespace HarborClient.Sqlite;

/// <summary>The tables of a cache file, and whose file it is.</summary>
internal static class CacheSchema
{
    /// <summary>Marks a file as one of these: "HbrC".</summary>
    private const int ApplicationId = 0x48627243;

    /// <summary>Goes up with every change of the tables.</summary>
    private const int Version = 1;

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

    internal static FileFormat Format { get; } = new("cache file", "UseSqliteCache", ApplicationId, Version, Create);
}
