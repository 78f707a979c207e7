namespace HarborClient.Sqlite;

/// <summary>The table of a ledger file, and views of it for people.</summary>
internal static class LedgerSchema
{
    /// <summary>Marks a file as one of these: "HbrL".</summary>
    private const int ApplicationId = 0x4862724C;

    /// <summary>Goes up with every change of the table.</summary>
    private const int Version = 1;

    private const string Sums = """
        SUM(cost_nano) / 1e9 AS cost_usd, SUM(estimated_nano) / 1e9 AS estimated_usd, SUM(calls) AS calls, SUM(attempts) AS attempts, SUM(unpriced) AS unpriced,
        SUM(plain_input + cached_input + cache_write + cache_write_1h + audio_input + image_input) AS input_tokens, SUM(plain_output + reasoning + audio_output) AS output_tokens FROM attempts
        """;

    // A time is in units of 100 ns since 1970, as exact as the entry's. What was written is not written again; whoever wants it shorter deletes.
    private const string Create = $"""
        CREATE TABLE attempts (number INTEGER PRIMARY KEY, id BLOB UNIQUE, at INTEGER NOT NULL, attempts INTEGER NOT NULL, calls INTEGER NOT NULL,
            provider TEXT NOT NULL, model TEXT NOT NULL, alias TEXT NOT NULL, endpoint TEXT NOT NULL, tenant TEXT, user TEXT, tags TEXT,
            plain_input INTEGER NOT NULL, cached_input INTEGER NOT NULL, cache_write INTEGER NOT NULL, cache_write_1h INTEGER NOT NULL, audio_input INTEGER NOT NULL,
            image_input INTEGER NOT NULL, plain_output INTEGER NOT NULL, reasoning INTEGER NOT NULL, audio_output INTEGER NOT NULL, searches INTEGER NOT NULL,
            cost_nano INTEGER NOT NULL, estimated_nano INTEGER NOT NULL, unpriced INTEGER NOT NULL, price_version TEXT);
        CREATE INDEX attempts_at ON attempts (at);
        CREATE TRIGGER attempts_are_kept BEFORE UPDATE ON attempts BEGIN SELECT RAISE(ABORT, 'a ledger is only appended to'); END;
        CREATE VIEW cost_by_day AS SELECT date(at / 10000000, 'unixepoch') AS day, {Sums} GROUP BY 1 ORDER BY 1;
        CREATE VIEW cost_by_model AS SELECT provider, model, {Sums} GROUP BY 1, 2 ORDER BY cost_usd DESC;
        CREATE VIEW cost_by_tenant AS SELECT COALESCE(tenant, '') AS tenant, {Sums} GROUP BY 1 ORDER BY cost_usd DESC;
        CREATE VIEW cost_by_user AS SELECT COALESCE(user, '') AS user, {Sums} GROUP BY 1 ORDER BY cost_usd DESC;
        CREATE VIEW cost_by_endpoint AS SELECT endpoint, {Sums} GROUP BY 1 ORDER BY cost_usd DESC;
        PRAGMA application_id = 1214411340;
        PRAGMA user_version = 1;
        """;

    internal static FileFormat Format { get; } = new("ledger", "UseSqliteLedger", ApplicationId, Version, Create);
}
