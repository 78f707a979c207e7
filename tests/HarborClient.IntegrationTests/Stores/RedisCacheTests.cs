using System.Collections.Concurrent;
using StackExchange.Redis;
using static HarborClient.IntegrationTests.Stores.RedisCacheFixture;

namespace HarborClient.IntegrationTests.Stores;

// The level by itself, against a real server: what one process keeps or removes is so for all.
public sealed class RedisCacheTests(RedisServer redis) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private readonly RedisCacheFixture _fixture = new(redis.Configuration);

    public static TheoryData<CacheSelectionKind, string> Selections => new()
    {
        { CacheSelectionKind.Key, "chat:a/b:1" },
        { CacheSelectionKind.Tag, "a {tag} of *" },
        { CacheSelectionKind.Prefix, "chat:a/" },
    };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [RedisFact]
    public async Task What_one_process_keeps_another_finds()
    {
        using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(redis.Configuration);
        await using var handedIn = new RedisCacheLevel(connection, new RedisCacheOptions { Prefix = _fixture.Prefix });
        CacheItem item = Item("散 fine", null, "tag", "标签");

        await _fixture.Level().SetAsync("key", item, default);

        CacheItem? found = await handedIn.GetAsync("key", default);
        found!.Payload.ToArray().Should().Equal(item.Payload.ToArray());
        found.Should().BeEquivalentTo(new { item.CreatedAt, item.ExpiresAt, item.Tags });
        (await handedIn.GetAsync("other", default)).Should().BeNull();
        (handedIn.Level, handedIn.Ttl).Should().Be((CacheLevel.Distributed, TimeSpan.FromHours(1)));
    }

    [RedisFact]
    public async Task An_entry_takes_the_place_of_an_older_one_and_expires()
    {
        RedisCacheLevel level = _fixture.Level();
        await level.SetAsync("key", Item("old"), default);
        await level.SetAsync("key", Item("new", TimeSpan.FromMilliseconds(300)), default);

        (await level.GetAsync("key", default))!.Payload.ToArray().Should().Equal("new"u8.ToArray());
        await Poll.UntilAsync(async () => !await HasAsync(level, "key"));
    }

    [RedisFact]
    public async Task What_has_expired_already_is_not_kept()
    {
        RedisCacheLevel level = _fixture.Level();

        await level.SetAsync("key", Item("fine", TimeSpan.Zero), default);

        (await HasAsync(level, "key")).Should().BeFalse();
    }

    [RedisTheory]
    [MemberData(nameof(Selections))]
    public async Task What_one_process_removes_is_gone_and_the_others_hear_of_it(CacheSelectionKind kind, string value)
    {
        var (told, own) = (new ConcurrentQueue<CacheSelection?>(), new ConcurrentQueue<CacheSelection?>());
        RedisCacheLevel other = await _fixture.WatchingAsync(told);
        RedisCacheLevel level = _fixture.Level(own);
        await level.SetAsync("chat:a/b:1", Item("fine", null, "other", "a {tag} of *"), default);
        await level.SetAsync("chat:aa/b:1", Item("fine", null, "a tag"), default);

        await level.RemoveAsync(new CacheSelection(kind, value), default);

        (await HasAsync(other, "chat:a/b:1")).Should().BeFalse();
        (await HasAsync(other, "chat:aa/b:1")).Should().BeTrue();
        await Poll.UntilAsync(() => told.Contains(new CacheSelection(kind, value)));
        own.Should().NotContain(new CacheSelection(kind, value));
    }

    [RedisFact]
    public async Task A_prefix_is_taken_as_it_is_written()
    {
        RedisCacheLevel level = _fixture.Level();
        string[] odd = [@"own:[a]*?\x", @"own:a", @"own:[a]*?/x", "own:^-x"];
        foreach (string key in odd) await level.SetAsync(key, Item(), default);

        await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Prefix, @"own:[a]*?\"), default);

        foreach (string key in odd) (await HasAsync(level, key)).Should().Be(key != odd[0]);
        await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Prefix, ""), default);
        foreach (string key in odd) (await HasAsync(level, key)).Should().BeFalse();
    }

    [RedisFact]
    public async Task Thousands_of_entries_are_removed_in_pieces()
    {
        RedisCacheLevel level = _fixture.Level();
        CacheItem item = Item("fine", null, "tag");
        await Task.WhenAll(Enumerable.Range(0, 2_600).Select(i => level.SetAsync($"{i}", item, default).AsTask()));

        await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Tag, "tag"), default);

        (await redis.AskAsync("EVAL \"return #redis.call('KEYS', ARGV[1])\" 0 " + _fixture.Prefix + ":*")).Should().StartWith(":0", "neither entries nor their index are left");
        await Task.WhenAll(Enumerable.Range(0, 2_600).Select(i => level.SetAsync($"{i}", Item(), default).AsTask()));
        await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Prefix, ""), default);
        (await redis.AskAsync("EVAL \"return #redis.call('KEYS', ARGV[1])\" 0 " + _fixture.Prefix + ":*")).Should().StartWith(":0");
    }

    [RedisFact]
    public async Task An_index_lives_as_long_as_its_entries_and_forgets_those_that_have_expired()
    {
        RedisCacheLevel level = _fixture.Level();
        string index = _fixture.Prefix + ":tag:tag";
        for (int i = 0; i < 50; i++) await level.SetAsync($"{i}", Item("fine", TimeSpan.FromMilliseconds(1), "tag"), default);
        await level.SetAsync("long", Item("fine", TimeSpan.FromMinutes(10), "tag"), default);

        await Poll.UntilAsync(async () =>
        {
            await level.SetAsync("short", Item("fine", TimeSpan.FromMilliseconds(1), "tag"), default);
            return (await redis.AskAsync($"ZCARD {index}")).StartsWith(":2", StringComparison.Ordinal);
        });

        int left = int.Parse((await redis.AskAsync($"PTTL {index}")).Split('\r')[0][1..], System.Globalization.CultureInfo.InvariantCulture);
        left.Should().BeInRange(590_000, 600_000);
    }

    [RedisTheory]
    [InlineData("SET {0} garbage")]
    [InlineData("SET {0} \"\"")]
    [InlineData("SET {0} \"H\\x02\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00payload\"")]
    [InlineData("SET {0} \"H\\x01\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\x00payload\"")]
    [InlineData("SET {0} \"H\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\xff\\xff\\x00\\x00\"")]
    [InlineData("SET {0} \"H\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01\\x00\\xff\\x00tag\"")]
    [InlineData("RPUSH {0} a b")]
    [InlineData("SADD {0} a")]
    public async Task Garbage_under_a_key_is_a_miss(string command)
    {
        RedisCacheLevel level = _fixture.Level();
        (await redis.AskAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, command, _fixture.Prefix + ":cache:key"))).Should().NotStartWith("-");

        (await level.GetAsync("key", default)).Should().BeNull();

        await level.SetAsync("key", Item(), default);
        (await HasAsync(level, "key")).Should().BeTrue("a write takes the place of whatever is there");
    }

    [RedisFact]
    public async Task What_is_said_on_the_channel_in_unknown_words_may_be_any_removal()
    {
        var told = new ConcurrentQueue<CacheSelection?>();
        await _fixture.WatchingAsync(told);
        told.Clear();

        await redis.AskAsync($"PUBLISH {_fixture.Prefix}:removed nonsense");

        await Poll.UntilAsync(() => told.Contains(null));
    }

    [Fact]
    public void Options_are_checked_where_they_are_given()
    {
        Check(options => options.Ttl = TimeSpan.FromMilliseconds(999), "RedisCache.Ttl");
        Check(options => options.Ttl = TimeSpan.FromDays(366), "RedisCache.Ttl");
        Check(options => options.Prefix = " ", "RedisCache.Prefix");
        Check(options => options.Prefix = "a{b", "RedisCache.Prefix");
        Check(options => options.Prefix = new string('x', 201), "RedisCache.Prefix");
        Action unreadable = () => FastClient.Create(builder => builder.AddOpenAI("key-7Qm2xWv9").UseRedisCache("127.0.0.1:6379,nonsense=1"));
        unreadable.Should().Throw<HarborException>().Which.Message.Should().Contain("UseRedisCache");

        static void Check(Action<RedisCacheOptions> configure, string setting)
        {
            Action create = () => FastClient.Create(builder => builder.AddOpenAI("key-7Qm2xWv9").UseRedisCache("127.0.0.1:6379", configure));
            HarborException error = create.Should().Throw<HarborException>().Which;
            error.Kind.Should().Be(ErrorKind.Configuration);
            error.Message.Should().Contain(setting);
        }
    }

    [Fact]
    public async Task A_level_can_have_options_of_its_own()
    {
        await using var level = new RedisCacheLevel("127.0.0.1:1", new RedisCacheOptions { Ttl = TimeSpan.FromDays(2) });

        level.Ttl.Should().Be(TimeSpan.FromDays(2));
    }
}
