using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace HarborClient.Sqlite;

/// <summary>The connection that appends. Not thread-safe.</summary>
internal sealed class LedgerWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _insert;

    /// <param name="connection">Open; disposed with this.</param>
    internal LedgerWriter(SqliteConnection connection)
    {
        _connection = connection;
        _begin = new Statement(connection, "BEGIN IMMEDIATE");
        _commit = new Statement(connection, "COMMIT");
        _insert = new Statement(
            connection,
            """
            INSERT INTO attempts (id, at, attempts, calls, provider, model, alias, endpoint, tenant, user, tags, plain_input, cached_input, cache_write, cache_write_1h, audio_input,
                image_input, plain_output, reasoning, audio_output, searches, cost_nano, estimated_nano, unpriced, price_version)
            VALUES (@id, @at, @attempts, @calls, @provider, @model, @alias, @endpoint, @tenant, @user, @tags, @plain_input, @cached_input, @cache_write, @cache_write_1h, @audio_input,
                @image_input, @plain_output, @reasoning, @audio_output, @searches, @cost, @estimated, @unpriced, @version)
            ON CONFLICT (id) DO NOTHING
            """,
            "@id", "@at", "@attempts", "@calls", "@provider", "@model", "@alias", "@endpoint", "@tenant", "@user", "@tags", "@plain_input", "@cached_input", "@cache_write", "@cache_write_1h",
            "@audio_input", "@image_input", "@plain_output", "@reasoning", "@audio_output", "@searches", "@cost", "@estimated", "@unpriced", "@version");
    }

    /// <summary>Appends entries in one transaction; those that are there already are left as they are.</summary>
    internal void Append(List<LedgerEntry> entries)
    {
        _begin.Run();
        foreach (LedgerEntry entry in entries) Append(entry);
        _commit.Run();
    }

    public void Dispose()
    {
        foreach (Statement statement in (ReadOnlySpan<Statement>)[_begin, _commit, _insert]) statement.Dispose();
        _connection.Dispose();
    }

    private void Append(in LedgerEntry entry)
    {
        BilledTokens tokens = entry.Tokens;
        _insert.Run(
            IdOf(entry), LedgerTime.Of(entry.At), entry.Attempts, entry.Calls, entry.Provider ?? "", entry.Model ?? "", entry.Alias ?? "", entry.Endpoint ?? "", entry.Tenant, entry.User, entry.Tags,
            tokens.PlainInput, tokens.CachedInput, tokens.CacheWrite, tokens.CacheWriteOneHour, tokens.AudioInput, tokens.ImageInput, tokens.PlainOutput, tokens.Reasoning, tokens.AudioOutput, tokens.Searches,
            entry.Cost.NanoUsd, entry.Estimated.NanoUsd, entry.Unpriced, entry.PriceVersion);
    }

    /// <summary>A sum has no number: each is a row of its own.</summary>
    private static byte[]? IdOf(in LedgerEntry entry)
    {
        if (entry.Id == UInt128.Zero) return null;
        byte[] id = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(id, entry.Id);
        return id;
    }
}
