using Microsoft.Data.Sqlite;

namespace HarborClient.Sqlite;

/// <summary>Whose file it is, and what is in it.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Setting">What sets its path.</param>
/// <param name="ApplicationId">Marks a file as one of these.</param>
/// <param name="Version">Goes up with every change of the tables.</param>
/// <param name="Create">Makes them, and writes both numbers.</param>
internal sealed record FileFormat(string Name, string Setting, int ApplicationId, int Version, string Create)
{
    /// <summary>Makes the tables where there are none.</summary>
    /// <exception cref="HarborException">The file is of a newer version of this package, or of another program (Configuration). It was not changed.</exception>
    internal void Ensure(SqliteConnection connection, string path)
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

    private bool IsThere(SqliteConnection connection, string path)
    {
        long application = Ask(connection, "PRAGMA application_id");
        long version = Ask(connection, "PRAGMA user_version");
        if (application == ApplicationId && version == Version) return true;
        if (application == ApplicationId)
            throw new HarborException(ErrorKind.Configuration, $"The {Name} {path} has version {version} and this program knows {Version}: it is left alone, and nothing is kept. Give {Setting} another path.");
        if (application != 0 || version != 0 || Ask(connection, "SELECT count(*) FROM sqlite_master") != 0)
            throw new HarborException(ErrorKind.Configuration, $"{path} is a database of another program, and no {Name}: it is left alone, and nothing is kept. Give {Setting} a path of its own.");
        return false;
    }

    private static long Ask(SqliteConnection connection, string sql)
    {
        using var statement = new Statement(connection, sql);
        return statement.Number();
    }
}
