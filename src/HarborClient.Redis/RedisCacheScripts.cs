namespace HarborClient.Redis;

/// <summary>Each is on one key, so that a cluster runs it where the key lies, and bounded, so that it holds nobody up.</summary>
internal static class RedisCacheScripts
{
    /// <summary>
    /// KEYS: the index of a tag, a sorted set of entries by the time at which they expire. ARGV: entry, its time to live in ms. Some of those that have expired make room, and the index
    /// lives as long as the longest of its entries.
    /// </summary>
    internal const string Index = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local ttl = tonumber(ARGV[2])
        local expired = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 100)
        if #expired > 0 then redis.call('ZREM', KEYS[1], unpack(expired)) end
        redis.call('ZADD', KEYS[1], now + ttl, ARGV[1])
        if redis.call('PTTL', KEYS[1]) < ttl then redis.call('PEXPIRE', KEYS[1], ttl) end
        return { 0 }
        """;

    /// <summary>KEYS: any key of the node that is meant. ARGV: cursor, pattern, how many keys to look at. Returns the next cursor, and the keys found.</summary>
    internal const string Scan = """
        local found = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
        table.insert(found[2], 1, found[1])
        return found[2]
        """;
}
