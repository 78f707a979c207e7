using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace HarborClient.Redis;

/// <summary>Removes many entries in pieces: no command of it takes the server long, however many there are.</summary>
internal static class RedisCacheRemovals
{
    private const int Piece = 500;

    /// <summary>How many keys one step of a scan looks at.</summary>
    private const int ScanPiece = 1_000;

    /// <summary>A node that has one slot of 16,384 is found in fewer tries, all but certainly.</summary>
    private const int MostTries = 1_000_000;

    /// <summary>
    /// All entries of an index. It is read from its end, because what expires leaves at its beginning, and what is removed here is counted; new entries come at the end, where some are
    /// then seen twice. An entry that is not there stays in the index: it may be on its way.
    /// </summary>
    internal static async Task RemoveIndexedAsync(IDatabase database, RedisKey index, Func<RedisValue, RedisKey> keyOf, CancellationToken cancellationToken)
    {
        long kept = 0;
        while (true)
        {
            RedisValue[] entries = await database.SortedSetRangeByRankAsync(index, -kept - Piece, -kept - 1).ConfigureAwait(false);
            if (entries.Length == 0) return;
            bool[] removed = await Task.WhenAll(entries.Select(entry => database.KeyDeleteAsync(keyOf(entry)))).ConfigureAwait(false);
            RedisValue[] gone = [.. entries.Where((_, i) => removed[i])];
            if (gone.Length > 0) await database.SortedSetRemoveAsync(index, gone).ConfigureAwait(false);
            kept += entries.Length - gone.Length;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>All keys that begin like this, on every node that has some.</summary>
    internal static async Task RemoveByPrefixAsync(IConnectionMultiplexer connection, string prefix, CancellationToken cancellationToken)
    {
        IDatabase database = connection.GetDatabase();
        RedisValue pattern = Escaped(prefix) + "*";
        foreach (RedisKey node in await NodesAsync(connection, database).ConfigureAwait(false))
        {
            RedisValue cursor = 0;
            do
            {
                RedisValue[] found = await RedisConnection.RunAsync(database, RedisCacheScripts.Scan, [node], [cursor, pattern, ScanPiece]).ConfigureAwait(false);
                cursor = found[0];
                await Task.WhenAll(found.Skip(1).Select(key => database.KeyDeleteAsync((string?)key))).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }
            while (cursor != 0);
        }
    }

    /// <summary>A key of every master that has slots: who runs a script on that key runs it on that node.</summary>
    private static async Task<IEnumerable<RedisKey>> NodesAsync(IConnectionMultiplexer connection, IDatabase database)
    {
        RedisResult[] ranges;
        try
        {
            ranges = (RedisResult[]?)await database.ExecuteAsync("CLUSTER", "SLOTS").ConfigureAwait(false) ?? [];
        }
        catch (RedisServerException e) when (e.Message.Contains("cluster support disabled", StringComparison.Ordinal) || e.Message.Contains("unknown command", StringComparison.OrdinalIgnoreCase))
        {
            // It stands alone.
            return ["0"];
        }

        var owners = new Dictionary<int, string>();
        foreach (RedisResult range in ranges)
        {
            var parts = (RedisResult[])range!;
            var master = (RedisResult[])parts[2]!;
            for (int slot = (int)parts[0]; slot <= (int)parts[1]; slot++) owners[slot] = $"{(string?)master[0]}:{(string?)master[1]}";
        }

        int nodes = owners.Values.Distinct().Count();
        var keys = new Dictionary<string, RedisKey>();
        for (int i = 0; i < MostTries && keys.Count < nodes; i++)
        {
            RedisKey key = i.ToString(CultureInfo.InvariantCulture);
            if (owners.TryGetValue(connection.HashSlot(key), out string? owner)) keys.TryAdd(owner, key);
        }

        return keys.Values;
    }

    /// <summary>With a backslash before each character that a pattern of Redis takes for more than itself.</summary>
    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (c is '*' or '?' or '[' or ']' or '\\') escaped.Append('\\');
            escaped.Append(c);
        }

        return escaped.ToString();
    }
}
