using System.Collections.Concurrent;
using System.Text;

namespace HarborClient.IntegrationTests.Stores;

// The levels of several processes over one Redis, with keys of their own.
internal sealed class RedisCacheFixture(string configuration)
{
    private readonly List<RedisCacheLevel> _levels = [];

    public string Prefix { get; } = "test" + Guid.NewGuid().ToString("N");

    public RedisCacheLevel Level(ConcurrentQueue<CacheSelection?>? told = null)
    {
        var level = new RedisCacheLevel(configuration, new RedisCacheOptions { Prefix = Prefix });
        if (told is not null) level.Watch(told.Enqueue);
        _levels.Add(level);
        return level;
    }

    // A level that hears of removals by now. One that is just connecting may not have reached every node of a cluster yet.
    public async Task<RedisCacheLevel> WatchingAsync(ConcurrentQueue<CacheSelection?> told)
    {
        RedisCacheLevel level = Level(told);
        RedisCacheLevel other = Level();
        var probe = new CacheSelection(CacheSelectionKind.Key, "probe");
        await Poll.UntilAnsweredAsync(async () =>
        {
            await other.RemoveAsync(probe, default);
            return told.Contains(probe);
        });
        return level;
    }

    public static CacheItem Item(string text = "fine", TimeSpan? ttl = null, params string[] tags)
    {
        var now = DateTimeOffset.UtcNow;
        return new CacheItem(Encoding.UTF8.GetBytes(text), now, now + (ttl ?? TimeSpan.FromMinutes(10)), tags);
    }

    public static async Task<bool> HasAsync(RedisCacheLevel level, string key) => await level.GetAsync(key, default) is not null;

    public async ValueTask DisposeAsync()
    {
        foreach (RedisCacheLevel level in _levels) await level.DisposeAsync();
    }
}
