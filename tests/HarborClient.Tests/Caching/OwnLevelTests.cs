using System.Text;
using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// Own values in the levels below the memory.
#pragma warning disable CA1001 // The levels of these tests lie in memory: disposing them does nothing.
public sealed class OwnLevelTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private const string Name = "own:key";

    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedLevel _level = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _level.DisposeAsync();

    private static Task<string> AskAsync(FastClient client, Func<CancellationToken, ValueTask<string>> function, TimeSpan? ttl = null, params string[] tags) =>
        client.Cache.GetOrCreateAsync("key", function, OwnJson.Default.String, ttl, tags).AsTask();

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task Another_process_finds_what_this_one_made_in_every_mode(PerformanceMode mode)
    {
        await using FastClient one = OwnClients.Create(_time, b => b.UseCacheLevel(() => _level), mode);
        await using FastClient other = OwnClients.Create(_time, b => b.UseCacheLevel(() => _level), mode);
        await AskAsync(one, OwnFunction.Counting(), TimeSpan.FromHours(2), "tag");
        await _level.Changed(1);
        await LevelFixture.UntilAsync(() => _level.Items.ContainsKey(Name));

        string first = await AskAsync(other, _ => new ValueTask<string>("made again"));
        string second = await AskAsync(other, _ => new ValueTask<string>("made again"));

        (first, second).Should().Be(("value 1", "value 1"));
        other.Cache.Statistics.Should().BeEquivalentTo(new { DistributedHits = 1, MemoryHits = 1, Misses = 0, Stored = 0 });
        _level.Items[Name].Tags.Should().Equal("tag");
        (_level.Items[Name].ExpiresAt - _time.GetUtcNow()).Should().BeCloseTo(TimeSpan.FromHours(2), TimeSpan.FromHours(0.21));
    }

    [Fact]
    public async Task What_a_lower_level_has_is_filled_into_the_one_above()
    {
        var lower = new ScriptedLevel();
        await using FastClient one = OwnClients.Over(_time, lower);
        await AskAsync(one, OwnFunction.Counting());
        await LevelFixture.UntilAsync(() => lower.Items.ContainsKey(Name));
        await using FastClient both = OwnClients.Over(_time, _level, b => b.UseCacheLevel(() => lower));

        string value = await AskAsync(both, _ => new ValueTask<string>("made again"));
        await LevelFixture.UntilAsync(() => _level.Items.ContainsKey(Name));

        value.Should().Be("value 1");
    }

    public static TheoryData<string> Garbage => ["", "nonsense", "\u0001", "{}"];

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_in_a_level_is_a_miss(string garbage)
    {
        _level.Items[Name] = new CacheItem(Encoding.UTF8.GetBytes(garbage), _time.GetUtcNow(), _time.GetUtcNow().AddHours(1), []);
        await using FastClient client = OwnClients.Over(_time, _level);

        (await AskAsync(client, OwnFunction.Counting())).Should().Be("value 1");

        client.Cache.Statistics.Misses.Should().Be(1);
    }

    [Fact]
    public async Task A_value_of_another_type_in_a_level_is_a_miss()
    {
        await using FastClient one = OwnClients.Over(_time, _level);
        await one.Cache.GetOrCreateAsync("key", _ => new ValueTask<Basket>(new Basket()), OwnJson.Default.Basket);
        await LevelFixture.UntilAsync(() => _level.Items.ContainsKey(Name));
        await using FastClient other = OwnClients.Over(_time, _level);

        (await AskAsync(other, OwnFunction.Counting())).Should().Be("value 1");
    }

    [Fact]
    public async Task A_level_that_fails_costs_nothing_but_its_hits()
    {
        _level.OnGet = (_, _) => throw new IOException("gone");
        _level.OnSet = (_, _) => throw new IOException("gone");
        await using FastClient client = OwnClients.Over(_time, _level);

        (await AskAsync(client, OwnFunction.Counting())).Should().Be("value 1");
        (await AskAsync(client, OwnFunction.Counting())).Should().Be("value 1");
    }

    [Fact]
    public async Task With_encryption_a_level_shows_nothing_and_a_moved_entry_is_a_miss()
    {
        byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        await using FastClient one = OwnClients.Over(_time, _level, b => b.UseCacheEncryption("k1", key));
        await using FastClient other = OwnClients.Over(_time, _level, b => b.UseCacheEncryption("k1", key));
        await using FastClient without = OwnClients.Over(_time, _level);
        await AskAsync(one, _ => new ValueTask<string>("a secret"));
        await LevelFixture.UntilAsync(() => _level.Items.ContainsKey(Name));
        _level.Items["own:elsewhere"] = _level.Items[Name];

        string read = await AskAsync(other, _ => new ValueTask<string>("made again"));
        string unread = await AskAsync(without, _ => new ValueTask<string>("made again"));
        string moved = await other.Cache.GetOrCreateAsync("elsewhere", _ => new ValueTask<string>("made again"), OwnJson.Default.String);

        Encoding.UTF8.GetString(_level.Items["own:elsewhere"].Payload.Span).Should().NotContain("secret");
        (read, unread, moved).Should().Be(("a secret", "made again", "made again"));
    }

    [Fact]
    public async Task A_value_that_is_near_its_end_in_memory_only_is_taken_from_below_and_not_made_anew()
    {
        // Five minutes in memory, an hour below.
        FastClient client = OwnClients.Over(_time, _level, b => b.UseCache(c => c.TtlJitter = 0));
        int runs = 0;
        Func<CancellationToken, ValueTask<string>> function = OwnFunction.Counting(_ => runs++);
        await AskAsync(client, function);
        await LevelFixture.UntilAsync(() => _level.Items.ContainsKey(Name));
        _time.Advance(TimeSpan.FromMinutes(4.6));

        await AskAsync(client, function);
        await LevelFixture.UntilAsync(() => _level.Gets == 2);
        await client.DisposeAsync();

        runs.Should().Be(1);
    }

    [Fact]
    public async Task A_value_that_is_near_its_end_everywhere_is_made_anew()
    {
        await using FastClient client = OwnClients.Over(_time, _level, b => b.UseCache(c => c.TtlJitter = 0));
        Func<CancellationToken, ValueTask<string>> function = OwnFunction.Counting();
        await AskAsync(client, function, TimeSpan.FromMinutes(5));
        await LevelFixture.UntilAsync(() => _level.Items.ContainsKey(Name));
        _time.Advance(TimeSpan.FromMinutes(4.6));

        await AskAsync(client, function, TimeSpan.FromMinutes(5));
        await LevelFixture.UntilAsync(() => client.Cache.Statistics.Stored == 2);

        (await AskAsync(client, function, TimeSpan.FromMinutes(5))).Should().Be("value 2");
    }
}
