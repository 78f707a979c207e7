using System.Collections.Concurrent;
using HarborClient.Tests;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace HarborClient.IntegrationTests.Stores;

// Clients that share limits through a real Redis, as the processes of a service do.
public sealed class RedisSharingTests(RedisServer redis) : IClassFixture<RedisServer>
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    private readonly string _prefix = "test" + Guid.NewGuid().ToString("N");
    private readonly ProviderEmulator _provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("alive and well"));

    [RedisFact]
    public async Task Two_clients_share_what_a_tenant_may_ask_for()
    {
        using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(ConfigurationOf(redis));
        await using FastClient one = Client(limits => limits.PerTenant.RequestsPerMinute = 10, builder => builder.UseRedisLimits(ConfigurationOf(redis), _prefix).UseTimeProvider(new ManualTimeProvider()));
        await using FastClient two = Client(limits => limits.PerTenant.RequestsPerMinute = 10, builder => builder.UseRedisLimits(connection, _prefix).UseTimeProvider(new ManualTimeProvider()));

        bool[] answered = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => IsAnsweredAsync(i % 2 == 0 ? one : two, "acme"))).WaitAsync(Guard);

        // One refills every six seconds by the server's clock, which the guard bounds.
        answered.Count(yes => yes).Should().BeInRange(10, 11);
        _provider.Attempts.Should().HaveCount(answered.Count(yes => yes));
        (await IsAnsweredAsync(two, "other")).Should().BeTrue();
        (one.Outstanding(), two.Outstanding()).Should().Be((Outstanding.None, Outstanding.None));
    }

    [RedisFact]
    public async Task Two_clients_share_places_and_give_them_back()
    {
        _provider.ThenAnswer(["one ", "two"]);
        await using FastClient one = Client(limits => limits.PerTenant.InFlight = 1, builder => builder.UseRedisLimits(ConfigurationOf(redis), _prefix).UseTimeProvider(new ManualTimeProvider()));
        await using FastClient two = Client(limits => limits.PerTenant.InFlight = 1, builder => builder.UseRedisLimits(ConfigurationOf(redis), _prefix).UseTimeProvider(new ManualTimeProvider()));
        IAsyncEnumerator<string> stream = one.StreamTextAsync("hi", By("acme")).GetAsyncEnumerator();
        await stream.MoveNextAsync();
        (await IsAnsweredAsync(two, "acme")).Should().BeFalse();

        await stream.DisposeAsync();

        // The place is given back behind the call's end: nobody waits for it.
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!await IsAnsweredAsync(two, "acme")) clock.Elapsed.Should().BeLessThan(Guard);
    }

    [RedisFact]
    public async Task Calls_go_on_when_Redis_stops_by_the_limits_of_each_process()
    {
        using var own = new RedisServer();
        await own.InitializeAsync();
        using var logs = new Warnings();
        using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(ConfigurationOf(own));
        await using FastClient client = Client(
            limits => (limits.PerTenant.RequestsPerMinute, limits.PerTenant.InFlight) = (100, 10),
            builder => builder.UseRedisLimits(connection, _prefix).UseLoggerFactory(logs).UseTimeProvider(new ManualTimeProvider()));
        for (int i = 0; i < 20; i++) (await IsAnsweredAsync(client, "acme")).Should().BeTrue();
        logs.Lines.Should().BeEmpty();

        await own.StopAsync();

        for (int i = 0; i < 80; i++) (await IsAnsweredAsync(client, "acme")).Should().BeTrue();
        logs.Lines.Should().ContainSingle(line => line.Contains("limit exchange", StringComparison.Ordinal));
        int more = 0;
        while (await IsAnsweredAsync(client, "acme")) (++more).Should().BeLessThan(10, "its own limit holds");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [RedisFact]
    public async Task Calls_go_on_when_Redis_was_never_there()
    {
        await using FastClient client = Client(limits => limits.PerTenant.RequestsPerMinute = 5, builder => builder.UseRedisLimits("127.0.0.1:1", _prefix));

        for (int i = 0; i < 5; i++) (await IsAnsweredAsync(client, "acme")).Should().BeTrue();

        (await IsAnsweredAsync(client, "acme")).Should().BeFalse();
    }

    private static string ConfigurationOf(RedisServer server) => $"{server.EndPoint.Address}:{server.EndPoint.Port}";

    private static HarborChatOptions By(string tenant) => new() { Tenant = tenant };

    private FastClient Client(Action<CallerLimitOptions> limits, Action<HarborBuilder> more) => FastClient.Create(builder =>
    {
        builder.AddLocal("lab", new Uri("http://lab.test/v1/"), lab => lab.UseHandler(_provider.CreateHandler())).UseDefaultModel("lab/model").UseCallerLimits(limits);
        more(builder);
    });

    private static async Task<bool> IsAnsweredAsync(FastClient client, string tenant)
    {
        try
        {
            return (await client.GetResponseAsync("hi", By(tenant)).WaitAsync(Guard)).Text.Length > 0;
        }
        catch (HarborException e) when (e is { Kind: ErrorKind.RateLimited, RetryAfter: not null, Attempts.Count: 0 })
        {
            return false;
        }
    }

    private sealed class Warnings : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            string line = formatter(state, exception);
            Lines.Enqueue(line);
            KeyWatch.Hear($"log event {eventId.Id}", $"{line} {exception}");
        }
    }
}
