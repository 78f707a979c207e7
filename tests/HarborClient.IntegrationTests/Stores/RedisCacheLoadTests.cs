using Xunit.Abstractions;

namespace HarborClient.IntegrationTests.Stores;

// Whole clients under load while Redis hangs, dies and comes back: no call fails, and once nobody asks it any more none waits for it.
public sealed class RedisCacheLoadTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const int Callers = 32;
    private const int Measured = 3_000;

    // What else this machine does can only add to the difference of two measurements.
    private const int Rounds = 8;

    private static readonly TimeSpan MostAdded = TimeSpan.FromMilliseconds(1);

    private readonly RedisServer _redis = new();
    private readonly ProviderEmulator _provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("fine").DelayBeforeHeaders(TimeSpan.FromMilliseconds(20)));
    private readonly LoggedEvents _events = new();

    public Task InitializeAsync() => _redis.InitializeAsync();

    public Task DisposeAsync() => _redis.DisposeAsync();

    public void Dispose()
    {
        _redis.Dispose();
        _events.Dispose();
    }

    [RedisFact]
    public async Task No_call_fails_while_redis_hangs_dies_and_comes_back()
    {
        await using FastClient client = Client(_redis.Configuration);
        await using FastClient without = Client(null);
        await using (var load = new LoadOfCallers(client, Callers))
        {
            await load.Found(1_000);

            await _redis.PauseAsync();
            await _events.Logged(LoggedEvents.LevelFailed, 1);
            await AddsLittleAsync(load, without);
            await _redis.ResumeAsync();
            await load.Found(1_000);

            int failed = _events.Count(LoggedEvents.LevelFailed);
            await _redis.StopAsync();
            await _events.Logged(LoggedEvents.LevelFailed, failed + 1);
            await AddsLittleAsync(load, without);
            await _redis.StartAsync();
            await load.Found(1_000);

            load.Failures.Should().BeEmpty();
        }

        (_events.Count(LoggedEvents.LevelFailed) - _events.Count(LoggedEvents.LevelIsBack)).Should().BeInRange(0, 1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [RedisFact]
    public async Task No_call_fails_while_a_node_of_a_cluster_dies_and_comes_back()
    {
        await using RedisCluster cluster = await RedisCluster.StartAsync();
        await using FastClient client = Client(cluster.Configuration);
        await using (var load = new LoadOfCallers(client, Callers))
        {
            await load.Found(1_000);

            await cluster.Nodes[1].StopAsync();
            await load.Found(1_000);
            await cluster.Nodes[1].StartAsync();
            await cluster.HealedAsync();
            await load.Found(3_000);

            load.Failures.Should().BeEmpty();
        }

        client.Outstanding().Should().Be(Outstanding.None);
    }

    // Beside callers of a client without Redis, who share this machine.
    private async Task AddsLittleAsync(LoadOfCallers load, FastClient without)
    {
        await using var bare = new LoadOfCallers(without, Callers);
        var added = new List<TimeSpan>();
        while (added.Count < Rounds && !added.Exists(one => one <= MostAdded))
        {
            TimeSpan[] measured = await Task.WhenAll(load.Percentile99Async(Measured), bare.Percentile99Async(Measured));
            added.Add(measured[0] - measured[1]);
            output.WriteLine($"99th percentile: {measured[0].TotalMilliseconds:F2} ms with Redis away, {measured[1].TotalMilliseconds:F2} ms without Redis");
        }

        added.Min().Should().BeLessThanOrEqualTo(MostAdded);
        bare.Failures.Should().BeEmpty();
    }

    private FastClient Client(string? redis) => FastClient.Create(builder =>
    {
        builder.AddLocal("lab", new Uri("http://lab.test/v1/"), lab => lab.UseHandler(_provider.CreateHandler())).UseDefaultModel("lab/model")
            .UseMode(PerformanceMode.Full).UseMemoryCache(memory => memory.SizeLimitBytes = 0);
        if (redis is not null) builder.UseRedisCache(redis, cache => cache.Prefix = "load").UseLoggerFactory(_events);
    });
}
