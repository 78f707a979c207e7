using StackExchange.Redis;

namespace HarborClient.IntegrationTests.Stores;

// The exchange by itself, against a real server: its steps are one step, however many connections take them at once.
public sealed class RedisLimitTests(RedisServer redis) : IClassFixture<RedisServer>
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    private static readonly LimitBucket Requests = new("requests", 100, TimeSpan.FromHours(100));
    private static readonly LimitBucket Tokens = new("tokens", 1_000, TimeSpan.FromHours(1_000));

    // A prefix of its own for each test: nothing is left from another.
    private readonly string _prefix = "test" + Guid.NewGuid().ToString("N");

    private string Configuration => $"{redis.EndPoint.Address}:{redis.EndPoint.Port}";

    [RedisFact]
    public async Task Four_connections_take_no_more_than_there_is()
    {
        RedisLimitExchange[] exchanges = [.. Enumerable.Range(0, 4).Select(_ => Exchange())];

        LimitTaken[] taken = await Task.WhenAll(Enumerable.Range(0, 800).Select(i => Task.Run(() => exchanges[i % 4].TakeAsync("acme", [new(Requests, 1)], null, default).AsTask()))).WaitAsync(Guard);

        taken.Count(one => one.IsTaken).Should().Be(100);
        taken.Where(one => !one.IsTaken).Should().OnlyContain(one => one.RefusedBy == 0 && one.RetryAfter > TimeSpan.FromMinutes(55) && one.RetryAfter <= TimeSpan.FromHours(1));
        await DisposeAsync(exchanges);
    }

    [RedisFact]
    public async Task Four_connections_hold_no_more_slots_than_there_are()
    {
        RedisLimitExchange[] exchanges = [.. Enumerable.Range(0, 4).Select(_ => Exchange())];

        LimitTaken[] taken = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(() => exchanges[i % 4].TakeAsync("acme", [], Slot($"{i}", 20), default).AsTask()))).WaitAsync(Guard);

        taken.Count(one => one.IsTaken).Should().Be(20);
        int held = Array.FindIndex(taken, one => one.IsTaken);
        await exchanges[0].SettleAsync("acme", [], $"{held}", default);
        (await exchanges[1].TakeAsync("acme", [], Slot("late", 20), default)).IsTaken.Should().BeTrue();
        (await exchanges[2].TakeAsync("acme", [], Slot("later", 20), default)).Should().Be(LimitTaken.Refused(0, TimeSpan.Zero));
        await DisposeAsync(exchanges);
    }

    [RedisFact]
    public async Task Who_is_refused_has_taken_nothing()
    {
        await using RedisLimitExchange exchange = Exchange();
        await exchange.TakeAsync("acme", [new(Tokens, 900)], null, default);

        for (int i = 0; i < 200; i++)
            (await exchange.TakeAsync("acme", [new(Requests, 1), new(Tokens, 200)], Slot($"{i}", 1), default)).RefusedBy.Should().Be(1);

        (await exchange.TakeAsync("acme", [new(Requests, 100), new(Tokens, 100)], Slot("last", 1), default)).IsTaken.Should().BeTrue();
        (await exchange.TakeAsync("acme", [new(Requests, 0)], Slot("one more", 1), default)).RefusedBy.Should().Be(1, "the position after the buckets is the slot's");
    }

    [RedisFact]
    public async Task What_was_used_takes_the_place_of_what_was_expected()
    {
        await using RedisLimitExchange exchange = Exchange();
        await exchange.TakeAsync("acme", [new(Tokens, 500)], null, default);

        (await exchange.SettleAsync("acme", [new(Tokens, -400)], null, default)).Should().Equal(900);
        (await exchange.SettleAsync("acme", [new(Tokens, 1_900)], null, default)).Should().Equal(-1_000);
        (await exchange.TakeAsync("acme", [new(Tokens, 0)], null, default)).RetryAfter.Should().BeCloseTo(TimeSpan.FromHours(1_000), TimeSpan.FromMinutes(1));
        (await exchange.SettleAsync("acme", [new(Tokens, -100_000)], null, default)).Should().Equal(1_000);
        (await exchange.TakeAsync("acme", [new(Tokens, 1_000)], null, default)).IsTaken.Should().BeTrue();
    }

    [RedisFact]
    public async Task More_than_a_bucket_holds_is_taken_when_it_is_full()
    {
        await using RedisLimitExchange exchange = Exchange();

        (await exchange.TakeAsync("acme", [new(Tokens, 5_000)], null, default)).IsTaken.Should().BeTrue();

        (await exchange.SettleAsync("acme", [new(Tokens, 0)], null, default))[0].Should().BeInRange(-4_000, -3_999);
    }

    [RedisFact]
    public async Task A_bucket_refills_by_the_servers_clock()
    {
        await using RedisLimitExchange exchange = Exchange();
        var quick = new LimitBucket("quick", 1, TimeSpan.FromMilliseconds(40));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        int taken = 0;
        while (taken < 6)
        {
            if ((await exchange.TakeAsync("acme", [new(quick, 1)], null, default)).IsTaken) taken++;
            clock.Elapsed.Should().BeLessThan(Guard);
        }

        clock.ElapsedMilliseconds.Should().BeGreaterThanOrEqualTo(195, "the first is free and five take 40 ms each, by two clocks");
    }

    [RedisFact]
    public async Task A_slot_of_a_dead_process_comes_back_and_a_renewed_one_stays()
    {
        await using RedisLimitExchange exchange = Exchange();
        await exchange.TakeAsync("acme", [], new LimitSlot("dead", 2, TimeSpan.FromMilliseconds(50)), default);
        await exchange.TakeAsync("acme", [], new LimitSlot("alive", 2, TimeSpan.FromSeconds(20)), default);
        await exchange.RenewAsync("acme", ["alive", "never held"], TimeSpan.FromMinutes(1), default);

        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!(await exchange.TakeAsync("acme", [], Slot("next", 2), default)).IsTaken) clock.Elapsed.Should().BeLessThan(Guard);

        (await exchange.TakeAsync("acme", [], Slot("one more", 2), default)).IsTaken.Should().BeFalse();
        using ConnectionMultiplexer connection = await ConnectAsync();
        SortedSetEntry[] held = await connection.GetDatabase().SortedSetRangeByRankWithScoresAsync($"{_prefix}:{{limits:acme}}:slots");
        held.Select(slot => (string?)slot.Element).Should().Equal("alive", "next");
        (held[1].Score - held[0].Score).Should().BeLessThan(30e6, "both last a minute from about now, in microseconds");
    }

    [RedisFact]
    public async Task Scripts_that_the_server_forgot_are_sent_again()
    {
        await using RedisLimitExchange exchange = Exchange();
        await exchange.TakeAsync("acme", [new(Requests, 1)], null, default);
        using ConnectionMultiplexer admin = await ConnectAsync("allowAdmin=true");
        await admin.GetServer(redis.EndPoint).ScriptFlushAsync();

        (await exchange.TakeAsync("acme", [new(Requests, 99)], null, default)).IsTaken.Should().BeTrue();
    }

    [RedisFact]
    public async Task All_keys_of_an_owner_lie_in_one_hash_slot_and_expire()
    {
        await using RedisLimitExchange exchange = Exchange();
        using ConnectionMultiplexer connection = await ConnectAsync();
        foreach (string owner in new[] { "user:alice", "user:a}b{c", "}{", "散 散", "" })
        {
            await exchange.TakeAsync(owner, [new(Requests, 1), new(Tokens, 10)], Slot("one", 5), default);
            await exchange.ExchangeAsync(owner, "p", new LimitShare(1, 1), TimeSpan.FromSeconds(10), default);

            // A scan may show a key twice.
            RedisKey[] keys = [.. connection.GetServer(redis.EndPoint).Keys(pattern: $"{_prefix}:{{limits:{owner}}}:*").Distinct()];

            keys.Should().HaveCount(3);
            keys.Select(key => connection.HashSlot(key)).Distinct().Should().ContainSingle();
            foreach (RedisKey key in keys) (await connection.GetDatabase().KeyTimeToLiveAsync(key)).Should().BePositive();
        }
    }

    [RedisFact]
    public async Task The_mean_is_of_the_processes_that_live()
    {
        await using RedisLimitExchange exchange = Exchange();
        TimeSpan lifetime = TimeSpan.FromMinutes(1);
        await exchange.ExchangeAsync("route", "dead", new LimitShare(1_000, 1_000), TimeSpan.FromMilliseconds(1), default);
        await exchange.ExchangeAsync("route", "a", new LimitShare(10, 40.5), lifetime, default);

        var clock = System.Diagnostics.Stopwatch.StartNew();
        LimitShare mean;
        while ((mean = await exchange.ExchangeAsync("route", "b", new LimitShare(20, 50), lifetime, default)).Processes != 2) clock.Elapsed.Should().BeLessThan(Guard);

        mean.Should().Be(new LimitShare(15, 45.25, 2));
        (await exchange.ExchangeAsync("other", "b", new LimitShare(20, 50), lifetime, default)).Should().Be(new LimitShare(20, 50, 1));
    }

    [RedisFact]
    public async Task A_connection_of_its_own_is_closed_and_one_that_was_handed_in_is_not()
    {
        using ConnectionMultiplexer admin = await ConnectAsync("allowAdmin=true");
        using ConnectionMultiplexer handedIn = await ConnectAsync();
        string name = "own" + _prefix;
        var own = new RedisLimitExchange($"{Configuration},name={name}", _prefix);
        await own.TakeAsync("acme", [new(Requests, 1)], null, default);
        (await NamesAsync(admin)).Should().Contain(name);

        await own.DisposeAsync();
        await own.DisposeAsync();
        await new RedisLimitExchange(handedIn, _prefix).DisposeAsync();

        var clock = System.Diagnostics.Stopwatch.StartNew();
        while ((await NamesAsync(admin)).Contains(name)) clock.Elapsed.Should().BeLessThan(Guard);
        (await handedIn.GetDatabase().PingAsync()).Should().BePositive();
        Func<Task> late = () => own.TakeAsync("acme", [new(Requests, 1)], null, default).AsTask();
        await late.Should().ThrowAsync<ObjectDisposedException>();
    }

    [Theory]
    [InlineData("host:6379,nonsense=1,password=s3cret")]
    [InlineData("password=s3cret")]
    public void A_configuration_that_cannot_be_read_is_said_at_once_and_not_shown(string configuration)
    {
        Action build = () => FastClient.Create(h => h.AddOpenAI("sk-test-7Qm2xWv9").UseRedisLimits(configuration)).Dispose();

        HarborException error = build.Should().Throw<HarborException>().Which;
        error.Kind.Should().Be(ErrorKind.Configuration);
        error.ToString().Should().Contain("UseRedisLimits").And.NotContain("s3cret");
    }

    [Fact]
    public void The_package_shows_these_types_and_no_others()
    {
        typeof(RedisLimitExchange).Assembly.GetExportedTypes().Should().BeEquivalentTo([typeof(RedisBudgetStore), typeof(RedisCacheLevel), typeof(RedisCacheOptions), typeof(RedisHarborBuilderExtensions), typeof(RedisLimitExchange)]);
    }

    private RedisLimitExchange Exchange() => new(Configuration, _prefix);

    private static LimitSlot Slot(string id, int maximum) => new(id, maximum, TimeSpan.FromMinutes(1));

    private Task<ConnectionMultiplexer> ConnectAsync(string options = "") => ConnectionMultiplexer.ConnectAsync($"{Configuration},{options}");

    private async Task<string[]> NamesAsync(ConnectionMultiplexer admin) => [.. (await admin.GetServer(redis.EndPoint).ClientListAsync()).Select(client => client.Name ?? "")];

    private static async Task DisposeAsync(RedisLimitExchange[] exchanges)
    {
        foreach (RedisLimitExchange exchange in exchanges) await exchange.DisposeAsync();
    }
}
