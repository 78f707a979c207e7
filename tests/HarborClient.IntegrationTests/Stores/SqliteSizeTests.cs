namespace HarborClient.IntegrationTests.Stores;

public sealed class SqliteSizeTests : IDisposable
{
    private const long Limit = 2 << 20;

    private readonly SqliteStore _store = new();

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(50)]
    [InlineData(2_000)]
    [InlineData(30_000)]
    [InlineData(230_000)]
    public async Task The_file_stays_within_its_size_and_keeps_the_newest(int payloadBytes)
    {
        await using SqliteCacheLevel level = _store.Level(Options(Limit));
        int count = (int)(4 * Limit / (payloadBytes + 400));
        long largest = 0;
        foreach (int[] some in Enumerable.Range(0, count).Chunk(50))
        {
            await Task.WhenAll(some.Select(i => level.SetAsync($"chat:openai/m:{i}", _store.Item(SqliteStore.Bytes(payloadBytes, i), null, "tag"), default).AsTask()));
            largest = Math.Max(largest, new FileInfo(_store.Path).Length);
            _store.Time.Advance(TimeSpan.FromSeconds(1));
        }

        largest.Should().BeLessThanOrEqualTo(Limit);
        new FileInfo(_store.Path + "-wal").Length.Should().BeLessThan(Limit);
        int newest = Math.Min(count, (int)(Limit / 2 / (payloadBytes + 1_000)));
        for (int i = count - newest; i < count; i++) (await level.GetAsync($"chat:openai/m:{i}", default))!.Payload.ToArray().Should().Equal(SqliteStore.Bytes(payloadBytes, i));
        (await level.GetAsync("chat:openai/m:0", default)).Should().BeNull();
        _store.Ask("PRAGMA integrity_check").Should().Be("ok");
    }

    [Fact]
    public async Task What_is_used_stays_when_others_make_room()
    {
        await using SqliteCacheLevel level = _store.Level(Options(Limit));
        await level.SetAsync("used", _store.Item([1], TimeSpan.FromDays(30)), default);
        await level.SetAsync("unused", _store.Item([1], TimeSpan.FromDays(30)), default);
        for (int i = 0; i < 300; i++)
        {
            _store.Time.Advance(TimeSpan.FromMinutes(11));
            (await level.GetAsync("used", default)).Should().NotBeNull();
            await level.SetAsync($"k{i}", _store.Item(SqliteStore.Bytes(20_000, i), TimeSpan.FromDays(30)), default);
        }

        (await level.GetAsync("unused", default)).Should().BeNull();
        (await level.GetAsync("used", default)).Should().NotBeNull();
    }

    [Fact]
    public async Task What_has_expired_makes_room_before_what_has_not()
    {
        await using SqliteCacheLevel level = _store.Level(Options(Limit));
        await level.SetAsync("old", _store.Item([1], TimeSpan.FromDays(1)), default);
        for (int i = 0; i < 90; i++) await level.SetAsync($"a{i}", _store.Item(SqliteStore.Bytes(16_000, i), TimeSpan.FromSeconds(30)), default);
        _store.Time.Advance(TimeSpan.FromSeconds(31));

        for (int i = 0; i < 90; i++) await level.SetAsync($"b{i}", _store.Item(SqliteStore.Bytes(16_000, i), TimeSpan.FromDays(1)), default);

        (await level.GetAsync("old", default)).Should().NotBeNull("it was not used for the longest, but is fresh");
    }

    [Fact]
    public async Task An_answer_that_is_too_large_takes_the_old_one_away_and_is_not_kept()
    {
        await using SqliteCacheLevel level = _store.Level(Options(Limit));
        await level.SetAsync("small", _store.Item([1]), default);
        await level.SetAsync("large", _store.Item([1]), default);

        await level.SetAsync("large", _store.Item(new byte[(Limit / 8) + 1]), default);

        (await level.GetAsync("large", default)).Should().BeNull();
        (await level.GetAsync("small", default)).Should().NotBeNull();
    }

    [Fact]
    public async Task A_lower_limit_makes_the_file_smaller()
    {
        await using (SqliteCacheLevel level = _store.Level(Options(64 << 20)))
        {
            for (int i = 0; i < 200; i++) await level.SetAsync($"k{i}", _store.Item(SqliteStore.Bytes(60_000, i)), default);
        }

        long before = new FileInfo(_store.Path).Length;
        await using (SqliteCacheLevel level = _store.Level(Options(Limit)))
        {
            for (int i = 0; i < 5; i++) await level.SetAsync($"n{i}", _store.Item([1]), default);
        }

        before.Should().BeGreaterThan(12_000_000);
        new FileInfo(_store.Path).Length.Should().BeLessThanOrEqualTo(Limit);
    }

    [Fact]
    public async Task What_was_removed_gives_its_place_back()
    {
        await using SqliteCacheLevel level = _store.Level(Options(64 << 20));
        for (int i = 0; i < 200; i++) await level.SetAsync($"k{i}", _store.Item(SqliteStore.Bytes(60_000, i)), default);

        await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Prefix, "k"), default);
        for (int i = 0; i < 5; i++) await level.SetAsync($"n{i}", _store.Item([1]), default);

        new FileInfo(_store.Path).Length.Should().BeLessThan(3 << 20);
    }

    private static SqliteCacheOptions Options(long bytes) => new() { SizeLimitBytes = bytes };
}
