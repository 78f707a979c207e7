using StackExchange.Redis;

namespace HarborClient.IntegrationTests.Stores;

// That the client version the Redis package is built on runs here, against a real server.
public sealed class RedisTests(RedisServer redis) : IClassFixture<RedisServer>
{
    [RedisFact]
    public async Task The_client_the_package_is_built_on_writes_and_reads()
    {
        var options = new ConfigurationOptions { EndPoints = { redis.EndPoint } };
        using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(options);
        IDatabase database = connection.GetDatabase();

        await database.StringSetAsync("harbor:key", "散 value", TimeSpan.FromMinutes(1));

        ((string?)await database.StringGetAsync("harbor:key")).Should().Be("散 value");
        (await database.KeyTimeToLiveAsync("harbor:key")).Should().BePositive();
        typeof(ConnectionMultiplexer).Assembly.GetName().Version.Should().Be(new Version(1, 2, 6, 0));
    }
}
