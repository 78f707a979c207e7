namespace HarborClient.Redis;

/// <summary>
/// One step each, by the server's clock, on the keys of one owner. A bucket is one number: the time at which it is full again (GCRA, ITU-T I.371), in microseconds since 2025, which
/// leaves a double enough digits for a hundredth of one. A slot is a member of a sorted set with the time at which it expires.
/// </summary>
internal static class RedisLimitScripts
{
    private const string Now = """
        local time = redis.call('TIME')
        local now = (time[1] - 1735689600) * 1000000 + time[2]
        local function keep(key, ms)
          if redis.call('PTTL', key) < ms then redis.call('PEXPIRE', key, ms) end
        end

        """;

    /// <summary>KEYS: buckets, slots. ARGV: number of buckets; name, amount, capacity, period in µs of each; slot or empty, places, lifetime in ms. Returns who refused (-1: nobody) and the wait in µs.</summary>
    internal const string Take = Now + """
        local n = tonumber(ARGV[1])
        local full = {}
        for i = 1, n do
          local a = 4 * i - 2
          local amount, capacity, period = tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
          local at = math.max(now, tonumber(redis.call('HGET', KEYS[1], ARGV[a]) or 0))
          local wait = at + math.min(amount, capacity) * period / capacity - period - now
          -- Less than a microsecond is rounding.
          if wait >= 1 then return { i - 1, math.ceil(wait) } end
          full[i] = at + amount * period / capacity
        end
        local s = 4 * n + 2
        if ARGV[s] ~= '' then
          local lifetime = tonumber(ARGV[s + 2])
          redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
          if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[s + 1]) then return { n, 0 } end
          redis.call('ZADD', KEYS[2], now + lifetime * 1000, ARGV[s])
          keep(KEYS[2], lifetime)
        end
        for i = 1, n do
          redis.call('HSET', KEYS[1], ARGV[4 * i - 2], string.format('%.3f', full[i]))
          keep(KEYS[1], math.ceil((full[i] - now) / 1000) + 1)
        end
        return { -1, 0 }
        """;

    /// <summary>KEYS: buckets, slots. ARGV: number of buckets; name, difference, capacity, period in µs of each; slot or empty. Returns what each bucket holds.</summary>
    internal const string Settle = Now + """
        local n = tonumber(ARGV[1])
        local left = {}
        if ARGV[4 * n + 2] ~= '' then redis.call('ZREM', KEYS[2], ARGV[4 * n + 2]) end
        for i = 1, n do
          local a = 4 * i - 2
          local amount, capacity, period = tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
          local at = math.max(now, tonumber(redis.call('HGET', KEYS[1], ARGV[a]) or 0)) + amount * period / capacity
          left[i] = math.floor(capacity * (1 - math.max(0, at - now) / period))
          if at <= now then
            redis.call('HDEL', KEYS[1], ARGV[a])
          else
            redis.call('HSET', KEYS[1], ARGV[a], string.format('%.3f', at))
            keep(KEYS[1], math.ceil((at - now) / 1000) + 1)
          end
        end
        return left
        """;

    /// <summary>KEYS: slots. ARGV: lifetime in ms; slots.</summary>
    internal const string Renew = Now + """
        local lifetime = tonumber(ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
        for i = 2, #ARGV do
          redis.call('ZADD', KEYS[1], 'XX', now + lifetime * 1000, ARGV[i])
        end
        keep(KEYS[1], lifetime)
        return { 0 }
        """;

    /// <summary>KEYS: shares. ARGV: process, limit, maximum, lifetime in ms. Returns the means, and how many they are of.</summary>
    internal const string Exchange = Now + """
        local lifetime = tonumber(ARGV[4])
        redis.call('HSET', KEYS[1], ARGV[1], string.format('%s|%s|%.0f', ARGV[2], ARGV[3], now + lifetime * 1000))
        keep(KEYS[1], lifetime)
        local limits, maxima, processes = 0, 0, 0
        local all = redis.call('HGETALL', KEYS[1])
        for i = 1, #all, 2 do
          local limit, maximum, deadAt = string.match(all[i + 1], '^([^|]*)|([^|]*)|([^|]*)$')
          if tonumber(deadAt) <= now then
            redis.call('HDEL', KEYS[1], all[i])
          else
            limits, maxima, processes = limits + tonumber(limit), maxima + tonumber(maximum), processes + 1
          end
        end
        return { string.format('%.17g', limits / processes), string.format('%.17g', maxima / processes), processes }
        """;
}
