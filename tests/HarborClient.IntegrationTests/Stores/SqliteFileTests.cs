using Microsoft.Data.Sqlite;

namespace HarborClient.IntegrationTests.Stores;

// That the SQLite which the tests carry runs here, on a real file.
public sealed class SqliteFileTests
{
    [Fact]
    public async Task A_file_in_WAL_mode_is_read_back_by_another_connection()
    {
        using var folder = new TemporaryFolder();
        string settings = new SqliteConnectionStringBuilder { DataSource = folder.File("harbor.db"), Pooling = false }.ToString();
        await using var writer = new SqliteConnection(settings);
        await writer.OpenAsync();
        (await AskAsync(writer, "PRAGMA journal_mode = WAL")).Should().Be("wal");
        await AskAsync(writer, "CREATE TABLE answers (question TEXT PRIMARY KEY, answer TEXT) WITHOUT ROWID");
        await AskAsync(writer, "INSERT INTO answers VALUES ('why', 'because')");

        await using var reader = new SqliteConnection(settings);
        await reader.OpenAsync();

        (await AskAsync(reader, "SELECT answer FROM answers WHERE question = 'why'")).Should().Be("because");
        (await AskAsync(reader, "PRAGMA journal_mode")).Should().Be("wal");
        File.Exists(folder.File("harbor.db-wal")).Should().BeTrue();
    }

    private static async Task<object?> AskAsync(SqliteConnection connection, string sql)
    {
        await using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }
}
