using Microsoft.Data.Sqlite;

namespace HarborClient.Sqlite;

/// <summary>A prepared statement and its parameters, in order. Not thread-safe.</summary>
internal sealed class Statement : IDisposable
{
    private readonly SqliteCommand _command;

    /// <param name="connection">Open.</param>
    /// <param name="sql">A constant.</param>
    /// <param name="parameters">The names in it, such as <c>@key</c>.</param>
    internal Statement(SqliteConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
        _command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant of this package.
        _command.CommandText = sql;
#pragma warning restore CA2100
        foreach (string parameter in parameters) _command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
    }

    /// <summary>Runs it with one value for each parameter; null stands for NULL.</summary>
    /// <returns>How many rows it changed.</returns>
    internal int Run(params ReadOnlySpan<object?> values) => With(values).ExecuteNonQuery();

    /// <summary>Runs it and returns the first column of its first row, a number.</summary>
    internal long Number(params ReadOnlySpan<object?> values) => (long)With(values).ExecuteScalar()!;

    /// <summary>Runs it; the reader is the caller's to dispose, before the next run.</summary>
    internal SqliteDataReader Rows(params ReadOnlySpan<object?> values) => With(values).ExecuteReader();

    /// <summary>Runs one that does a piece of its work for each row that it is asked for.</summary>
    internal void RunToEnd()
    {
        using SqliteDataReader rows = Rows();
        bool isMore = true;
        while (isMore) isMore = rows.Read();
    }

    public void Dispose() => _command.Dispose();

    private SqliteCommand With(ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++) _command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return _command;
    }
}
