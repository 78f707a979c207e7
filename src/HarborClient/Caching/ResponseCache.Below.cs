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
        if (await TakeOverAsync(key, name, space, skipsDue: false).ConfigureAwait(false) is not { } found) return null;
        _counters.Hit(found.Level, found.Answer, SavedBy(found.Answer));
        return new CacheHit(found.Answer, found.Level, isStale: false);
    }

    /// <summary>Memory's entry is to be made anew; a level below may have one that is not.</summary>
    internal async ValueTask<bool> RenewAsync(CacheKey key, string name, string space) => await TakeOverAsync(key, name, space, skipsDue: true).ConfigureAwait(false) is not null;

    private async ValueTask<CacheHit?> TakeOverAsync(CacheKey key, string name, string space, bool skipsDue)
    {
        AskedAt asked = Now;
        if (await FindItemBelowAsync(name, static (payload, level) => AnswerCodec.Read(payload) is { } answer ? new CacheHit(answer, level, isStale: false) : null, skipsDue).ConfigureAwait(false) is not { } found) return null;
        Set(key, ItemOf(found.Value.Answer, StoredSize.Of(found.Value.Answer), space, name, found.Left < _memoryTtl ? found.Left : Jittered(_memoryTtl), found.Tags), asked);
        return found.Value;
    }

    /// <summary>What the first level has that has it, for as long as it is left to it. What cannot be read, is of a later version, or is sealed by a key that is not here, is as good as nothing; and, where that is asked for, what is to be made anew.</summary>
    private async ValueTask<Found<T>?> FindItemBelowAsync<T>(string name, Decode<T> decode, bool skipsDue = false) where T : class
    {
        Task<CacheItem?>? ahead = null;
        for (int i = 0; i < _levels.Length; i++)
        {
            Task<CacheItem?> reading = ahead ?? _levels[i].GetAsync(name).AsTask();

            // One that has never answered may be out of reach, and a new process need not wait for one after the other.
            ahead = i + 1 < _levels.Length && !_levels[i].HasAnswered ? _levels[i + 1].GetAsync(name).AsTask() : null;
            if (await reading.ConfigureAwait(false) is not { } item) continue;
            if (_seal.Open(name, item.Payload.Span) is not { } payload || decode(payload, _levels[i].Level) is not { } value) continue;
            TimeSpan left = item.ExpiresAt - _time.GetUtcNow();
            if (left <= TimeSpan.Zero || (skipsDue && left <= (item.ExpiresAt - item.CreatedAt) * (1 - Options.RefreshAfter))) continue;
            for (int above = 0; above < i; above++)
            {
                DateTimeOffset own = _time.GetUtcNow() + _levels[above].Ttl;
                _levels[above].TryWrite(name, item with { ExpiresAt = own < item.ExpiresAt ? own : item.ExpiresAt });
            }

            return new Found<T>(value, left, item.Tags);
        }

        return null;
    }

    /// <summary>A method of its own: what is to be done later is an object, also where nothing is.</summary>
    private void WriteBelow(string name, StoredAnswer answer, TimeSpan? ttl, IReadOnlyList<string> tags, AskedAt asked) =>
        WriteBelow(name, () => AnswerCodec.Write(answer), StoredSize.Of(answer), ttl, tags, asked);

    /// <summary>Has an entry written to all levels, behind the call; it is encoded and sealed there, once.</summary>
    private void WriteBelow(string name, Func<byte[]> encode, long expectedBytes, TimeSpan? ttl, IReadOnlyList<string> tags, AskedAt asked)
    {
        var payload = new Lazy<byte[]>(() => _seal.Seal(name, encode()));
        foreach (GuardedLevel level in _levels)
        {
            DateTimeOffset expiresAt = _time.GetUtcNow() + Jittered(ttl ?? level.Ttl);
            level.TryWrite(name, () => new CacheItem(payload.Value, asked.Time, expiresAt, tags), (int)Math.Min(expectedBytes, int.MaxValue));
        }
    }

    private delegate T? Decode<T>(byte[] payload, CacheLevel level) where T : class;

    private readonly record struct Found<T>(T Value, TimeSpan Left, IReadOnlyList<string> Tags);
}
