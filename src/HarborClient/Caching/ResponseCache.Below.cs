using HarborClient.Caching;

namespace HarborClient;

/// <content>The levels below the process's memory.</content>
public sealed partial class ResponseCache
{
    /// <summary>Whether there are levels for a call; what has to stay at home is kept in memory only.</summary>
    internal bool HasLevelsFor(bool isLocalOnly) => _levels.Length > 0 && !isLocalOnly;

    /// <summary>A fresh answer from the first level that has it. The levels above get it too.</summary>
    internal async ValueTask<CacheHit?> FindBelowAsync(CacheKey key, string name, string space)
    {
        DateTimeOffset askedAt = _time.GetUtcNow();
        for (int i = 0; i < _levels.Length; i++)
        {
            if (await _levels[i].GetAsync(name).ConfigureAwait(false) is not { } item) continue;

            // What is no answer, of a later version, or sealed by a key that is not here, is as good as nothing.
            if (_seal.Open(name, item.Payload.Span) is not { } payload || AnswerCodec.Read(payload) is not { } answer) continue;
            TimeSpan left = item.ExpiresAt - _time.GetUtcNow();
            if (left <= TimeSpan.Zero) continue;
            Set(key, ItemOf(answer, space, name, left < _memoryTtl ? left : Jittered(_memoryTtl), item.Tags), askedAt);
            for (int above = 0; above < i; above++)
            {
                DateTimeOffset own = _time.GetUtcNow() + _levels[above].Ttl;
                _levels[above].TryWrite(name, item with { ExpiresAt = own < item.ExpiresAt ? own : item.ExpiresAt });
            }

            _counters.Hit(_levels[i].Level, answer);
            return new CacheHit(answer, _levels[i].Level, isStale: false);
        }

        return null;
    }

    /// <summary>Has an entry written to all levels, behind the call; it is encoded and sealed there, once.</summary>
    private void WriteBelow(string name, Func<byte[]> encode, long expectedBytes, TimeSpan? ttl, IReadOnlyList<string> tags, DateTimeOffset askedAt)
    {
        var payload = new Lazy<byte[]>(() => _seal.Seal(name, encode()));
        foreach (GuardedLevel level in _levels)
        {
            DateTimeOffset expiresAt = _time.GetUtcNow() + Jittered(ttl ?? level.Ttl);
            level.TryWrite(name, () => new CacheItem(payload.Value, askedAt, expiresAt, tags), (int)Math.Min(expectedBytes, int.MaxValue));
        }
    }
}
