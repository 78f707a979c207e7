namespace HarborClient.Redis;

/// <summary>
/// One step, by the server's clock, on the keys of one account. The account is a hash: the sum of leases, the sum of what is spent, and a field for each holder with its last claim, what it has
/// spent, its lease, and how much of that counts as spent because the holder is not heard of any more. Beside it a sorted set says until when those are heard of that hold more than they have spent.
/// </summary>
internal static class RedisBudgetScripts
{
    /// <summary>
    /// KEYS: account, ends. ARGV: holder, sequence, limit, spent, kept, needed, wanted, lifetime in ms, when the account is forgotten in ms since 1970 (empty: ten years from now).
    /// Returns the lease, all leases, what is spent, and what was before. Amounts are nano-USD below 2^53, which a double counts exactly.
    /// </summary>
    internal const string Renew = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local function read(holder)
          local text = redis.call('HGET', KEYS[1], 'holder:' .. holder)
          if not text then return 0, 0, 0, 0 end
          local sequence, spent, lease, lost = string.match(text, '^(%d+)|(%d+)|(%d+)|(%d+)$')
          return tonumber(sequence), tonumber(spent), tonumber(lease), tonumber(lost)
        end
        local function write(holder, sequence, spent, lease, lost)
          redis.call('HSET', KEYS[1], 'holder:' .. holder, string.format('%.0f|%.0f|%.0f|%.0f', sequence, spent, lease, lost))
        end
        local leased = tonumber(redis.call('HGET', KEYS[1], 'leased') or 0)
        local spent = tonumber(redis.call('HGET', KEYS[1], 'spent') or 0)
        local before = spent

        -- Nobody knows what those have spent that are not heard of any more: all that they held. Their leases stay.
        for _, holder in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 100)) do
          local sequence, theirs, lease, lost = read(holder)
          spent = spent + lease - theirs - lost
          write(holder, sequence, theirs, lease, lease - theirs)
          redis.call('ZREM', KEYS[2], holder)
        end

        local holder, sequence = ARGV[1], tonumber(ARGV[2])
        local last, reported, lease, lost = read(holder)
        if sequence > last then
          local limit, kept, needed, wanted = tonumber(ARGV[3]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
          local free = math.max(0, limit - (leased - lease) - kept)
          local granted = kept + math.min(free, math.max(needed, math.min(wanted, math.floor(free / 50))))
          spent = spent - lost - reported + tonumber(ARGV[4])
          leased = leased - lease + granted
          lease, reported = granted, tonumber(ARGV[4])
          write(holder, sequence, reported, lease, 0)
          if lease > reported then redis.call('ZADD', KEYS[2], now + tonumber(ARGV[8]), holder) else redis.call('ZREM', KEYS[2], holder) end
        end

        redis.call('HSET', KEYS[1], 'leased', string.format('%.0f', leased))
        redis.call('HSET', KEYS[1], 'spent', string.format('%.0f', spent))
        for i = 1, 2 do
          redis.call('PEXPIREAT', KEYS[i], ARGV[9] ~= '' and ARGV[9] or string.format('%.0f', now + 315360000000))
        end
        return { string.format('%.0f', lease), string.format('%.0f', leased), string.format('%.0f', spent), string.format('%.0f', before) }
        """;
}
