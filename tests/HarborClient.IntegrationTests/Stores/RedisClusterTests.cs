using System.Collections.Concurrent;
using StackExchange.Redis;
using static HarborClient.IntegrationTests.Stores.RedisCacheFixture;

namespace HarborClient.IntegrationTests.Stores;

// The level over a cluster of three nodes, one of which dies and comes back.
public sealed class RedisClusterTests : IAsyncLifetime
{
    private const int Entries = 300;

    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    private RedisCluster _cluster = null!;
    private RedisCacheFixture _fixture = null!;

    public async Task InitializeAsync()
    {
        if (RedisServer.Binary is null) return;
        _cluster = await RedisCluster.StartAsync();
        _fixture = new RedisCacheFixture(_cluster.Configuration);
    }

    public async Task DisposeAsync()
    {
        if (RedisServer.Binary is null) return;
        await _fixture.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [RedisFact]
    public async Task Entries_lie_on_all_nodes_and_are_found_and_removed_on_all()
    {
        RedisCacheLevel level = _fixture.Level();
        await FillFirstAsync(level);

        foreach (RedisServer node in _cluster.Nodes) (await CountAsync(node)).Should().BeGreaterThan(Entries / 6);
        for (int i = 0; i < Entries; i++) (await HasAsync(level, Key(i))).Should().BeTrue();

        await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Tag, "tag 0"), default);
        for (int i = 0; i < Entries; i++) (await HasAsync(level, Key(i))).Should().Be(i % 3 != 0);

        await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Prefix, "chat:a/"), default);
        for (int i = 0; i < Entries; i++) (await HasAsync(level, Key(i))).Should().Be(i % 3 != 0 && i % 2 != 0);
        await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Prefix, ""), default);
        for (int i = 0; i < Entries; i++) (await HasAsync(level, Key(i))).Should().BeFalse();
    }

    [RedisFact]
    public async Task When_a_node_dies_the_others_serve_and_all_do_when_it_is_back()
    {
        var told = new ConcurrentQueue<CacheSelection?>();
        RedisCacheLevel watching = await _fixture.WatchingAsync(told);
        RedisCacheLevel level = _fixture.Level();
        await FillFirstAsync(level);
        RedisServer dead = _cluster.Nodes[1];
        int lost = await CountAsync(dead);
        await dead.StopAsync();

        // The first reads may still find that out; from then on those of the others are served, and nobody waits for the rest.
        await Poll.UntilAsync(async () => await CountServedAsync(level) == Entries - lost);

        Func<Task> removal = () => level.RemoveAsync(new CacheSelection(CacheSelectionKind.Prefix, ""), default).AsTask().WaitAsync(Guard);
        (await removal.Should().ThrowAsync<Exception>("a node that cannot be reached keeps what it has")).Which.Should().BeAssignableTo<RedisException>();
        await dead.StartAsync();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Poll.UntilAnsweredAsync(async () =>
        {
            await FillAsync(level);
            return await CountServedAsync(level) == Entries;
        });
        await Poll.UntilAnsweredAsync(async () =>
        {
            await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Prefix, ""), default);
            return told.Contains(new CacheSelection(CacheSelectionKind.Prefix, ""));
        });
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(10));
        await Poll.UntilAsync(async () => !await HasAsync(watching, Key(0)));
    }

    // The node on which a process hears of removals is one of the three: each dies once.
    [RedisFact]
    public async Task Removals_are_heard_of_whichever_node_dies()
    {
        foreach (RedisServer node in _cluster.Nodes)
        {
            var told = new ConcurrentQueue<CacheSelection?>();
            RedisCacheLevel watching = await _fixture.WatchingAsync(told);
            RedisCacheLevel level = _fixture.Level();
            await FillFirstAsync(level);
            told.Clear();
            await node.StopAsync();

            int i = 0;
            await Poll.UntilAnsweredAsync(async () =>
            {
                await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Key, Key(++i % Entries)), default);
                return told.Any(one => one is not null);
            });

            await node.StartAsync();
            await _cluster.HealedAsync();
            await Poll.UntilAnsweredAsync(async () => await CountServedAsync(watching) >= 0 && told.Contains(null));
        }
    }

    private static string Key(int i) => $"chat:{(i % 2 == 0 ? "a" : "b")}/m:{i}";

    // A client that is just connecting may not have reached every node yet.
    private static Task FillFirstAsync(RedisCacheLevel level) => Poll.UntilAnsweredAsync(async () =>
    {
        await FillAsync(level);
        return true;
    });

    private static Task FillAsync(RedisCacheLevel level) =>
        Task.WhenAll(Enumerable.Range(0, Entries).Select(i => level.SetAsync(Key(i), Item("fine", null, $"tag {i % 3}"), default).AsTask()));

    private static async Task<int> CountServedAsync(RedisCacheLevel level)
    {
        bool[] served = await Task.WhenAll(Enumerable.Range(0, Entries).Select(async i =>
        {
            try
            {
                return (await level.GetAsync(Key(i), default).AsTask().WaitAsync(Guard)) is not null;
            }
            catch (RedisException)
            {
                return false;
            }
        }));
        return served.Count(one => one);
    }

    private async Task<int> CountAsync(RedisServer node) =>
        int.Parse((await node.AskAsync($"EVAL \"return #redis.call('KEYS', ARGV[1])\" 0 {_fixture.Prefix}:cache:*")).Split('\r')[0][1..], System.Globalization.CultureInfo.InvariantCulture);
}
