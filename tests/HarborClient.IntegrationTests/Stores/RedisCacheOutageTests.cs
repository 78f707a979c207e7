using System.Collections.Concurrent;
using StackExchange.Redis;
using static HarborClient.IntegrationTests.Stores.RedisCacheFixture;

namespace HarborClient.IntegrationTests.Stores;

// The level by itself while its server is full, hangs, dies and comes back. That no call notices is the client's work.
public sealed class RedisCacheOutageTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    private readonly RedisServer _redis = new();

    public Task InitializeAsync() => _redis.InitializeAsync();

    public Task DisposeAsync() => _redis.DisposeAsync();

    public void Dispose() => _redis.Dispose();

    [RedisFact]
    public async Task A_full_server_refuses_writes_and_answers_reads()
    {
        await using var fixture = new RedisCacheFixture(_redis.Configuration);
        RedisCacheLevel level = fixture.Level();
        await level.SetAsync("key", Item("fine", null, "tag"), default);
        await _redis.AskAsync("CONFIG SET maxmemory 1");

        foreach (string tag in new[] { "tag", "new" })
        {
            Func<Task> write = () => level.SetAsync("new", Item("new", null, tag), default).AsTask().WaitAsync(Guard);
            await write.Should().ThrowAsync<RedisServerException>();
        }

        (await HasAsync(level, "key")).Should().BeTrue();
        await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Tag, "tag"), default).AsTask().WaitAsync(Guard);
        (await HasAsync(level, "key")).Should().BeFalse();
        await _redis.AskAsync("CONFIG SET maxmemory 0");
        await level.SetAsync("new", Item("new"), default);
    }

    [RedisFact]
    public async Task Nobody_waits_for_a_server_that_hangs_longer_than_they_like()
    {
        await using var fixture = new RedisCacheFixture(_redis.Configuration);
        RedisCacheLevel level = fixture.Level();
        await level.SetAsync("key", Item(), default);
        await _redis.PauseAsync();

        foreach (Func<CancellationToken, Task> ask in new Func<CancellationToken, Task>[]
        {
            token => level.GetAsync("key", token).AsTask(),
            token => level.SetAsync("key", Item("fine", null, "tag"), token).AsTask(),
            token => level.RemoveAsync(new CacheSelection(CacheSelectionKind.Prefix, ""), token).AsTask(),
        })
        {
            using var budget = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
            Func<Task> asked = () => ask(budget.Token).WaitAsync(Guard);
            await asked.Should().ThrowAsync<OperationCanceledException>();
        }

        await _redis.ResumeAsync();
        await Poll.UntilAnsweredAsync(async () => await level.GetAsync("none", default) is null);
    }

    [RedisFact]
    public async Task A_server_that_died_and_came_back_is_used_again_and_told_of()
    {
        await using var fixture = new RedisCacheFixture(_redis.Configuration);
        var told = new ConcurrentQueue<CacheSelection?>();
        RedisCacheLevel watching = await fixture.WatchingAsync(told);
        RedisCacheLevel level = fixture.Level();
        await level.SetAsync("key", Item(), default);
        told.Clear();
        await _redis.StopAsync();
        Func<Task> read = () => level.GetAsync("key", default).AsTask().WaitAsync(Guard);
        await read.Should().ThrowAsync<RedisException>();

        await _redis.StartAsync();

        await Poll.UntilAnsweredAsync(async () =>
        {
            await level.SetAsync("key", Item(), default);
            return await HasAsync(watching, "key");
        });
        await Poll.UntilAsync(() => told.Contains(null));
        await Poll.UntilAnsweredAsync(async () =>
        {
            await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Key, "key"), default);
            return told.Contains(new CacheSelection(CacheSelectionKind.Key, "key"));
        });
    }

    [RedisFact]
    public async Task A_server_that_comes_late_is_used_when_it_is_there()
    {
        await _redis.StopAsync();
        await using var fixture = new RedisCacheFixture(_redis.Configuration);
        var told = new ConcurrentQueue<CacheSelection?>();
        RedisCacheLevel watching = fixture.Level(told);
        RedisCacheLevel level = fixture.Level();
        Func<Task> read = () => level.GetAsync("key", default).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        await read.Should().ThrowAsync<RedisException>();

        await _redis.StartAsync();

        await Poll.UntilAnsweredAsync(async () =>
        {
            await level.SetAsync("key", Item(), default);
            return await HasAsync(watching, "key");
        });
        await Poll.UntilAnsweredAsync(async () =>
        {
            await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Key, "key"), default);
            return told.Contains(new CacheSelection(CacheSelectionKind.Key, "key"));
        });
    }

    [Fact]
    public async Task A_level_whose_server_was_never_there_ends()
    {
        var level = new RedisCacheLevel("127.0.0.1:1");
        level.Watch(_ => { });

        await level.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
    }
}
