namespace HarborClient.IntegrationTests.Stores;

// The durable level by itself, on a real file.
public sealed class SqliteLevelTests : IDisposable
{
    private readonly SqliteStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task What_was_kept_is_there_after_the_file_was_closed()
    {
        CacheItem kept = _store.Item(SqliteStore.Bytes(100_000, 1), TimeSpan.FromHours(2), "news", "a \"quoted\" 散 tag");
        await using (SqliteCacheLevel level = _store.Level())
        {
            await level.SetAsync("chat:openai/m:one", _store.Item([1, 2, 3]), default);
            await level.SetAsync("chat:openai/m:one", kept, default);
        }

        await using SqliteCacheLevel later = _store.Level();
        CacheItem? found = await later.GetAsync("chat:openai/m:one", default);

        found!.Payload.ToArray().Should().Equal(kept.Payload.ToArray());
        (found with { Payload = default, Tags = [] }).Should().Be(kept with { Payload = default, Tags = [] });
        found.Tags.Should().Equal("news", "a \"quoted\" 散 tag");
        (await later.GetAsync("chat:openai/m:two", default)).Should().BeNull();
        later.Level.Should().Be(CacheLevel.Durable);
    }

    [Fact]
    public async Task A_part_of_an_array_is_kept_as_that_part()
    {
        await using SqliteCacheLevel level = _store.Level();

        await level.SetAsync("k", _store.Item([]) with { Payload = new byte[] { 1, 2, 3, 4 }.AsMemory(1, 2) }, default);
        await level.SetAsync("empty", _store.Item([]), default);

        (await level.GetAsync("k", default))!.Payload.ToArray().Should().Equal(2, 3);
        (await level.GetAsync("empty", default))!.Payload.Length.Should().Be(0);
    }

    [Fact]
    public async Task An_entry_expires_by_the_clients_clock_and_leaves_the_file()
    {
        await using SqliteCacheLevel level = _store.Level();
        await level.SetAsync("short", _store.Item([1], TimeSpan.FromMinutes(5), "tag"), default);
        await level.SetAsync("long", _store.Item([2], TimeSpan.FromHours(5)), default);

        _store.Time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        (await level.GetAsync("short", default)).Should().NotBeNull();
        _store.Time.Advance(TimeSpan.FromTicks(1));
        (await level.GetAsync("short", default)).Should().BeNull();
        (await level.GetAsync("long", default)).Should().NotBeNull();

        await level.SetAsync("next", _store.Item([3]), default);
        _store.Ask("SELECT group_concat(key) FROM (SELECT key FROM entries ORDER BY key)").Should().Be("long,next");
        _store.Ask("SELECT count(*) FROM tags").Should().Be(0L);
    }

    [Fact]
    public async Task What_has_expired_already_takes_the_old_answer_away_and_is_not_kept()
    {
        await using SqliteCacheLevel level = _store.Level();
        await level.SetAsync("k", _store.Item([1]), default);

        await level.SetAsync("k", _store.Item([2], TimeSpan.Zero), default);

        (await level.GetAsync("k", default)).Should().BeNull();
        _store.Ask("SELECT count(*) FROM entries").Should().Be(0L);
    }

    [Fact]
    public async Task A_tag_removes_what_has_it_now()
    {
        await using SqliteCacheLevel level = _store.Level();
        await Task.WhenAll(Enumerable.Range(0, 1_200).Select(i => level.SetAsync($"k{i}", _store.Item([1], null, i % 2 == 0 ? ["even", "all"] : ["all"]), default).AsTask()));
        await level.SetAsync("k0", _store.Item([2], null, "odd"), default);

        await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Tag, "even"), default);

        _store.Ask("SELECT count(*) FROM entries").Should().Be(601L);
        (await level.GetAsync("k0", default))!.Tags.Should().Equal("odd");
        (await level.GetAsync("k2", default)).Should().BeNull();
        _store.Ask("SELECT count(*) FROM tags").Should().Be(601L);
    }

    [Fact]
    public async Task A_key_removes_one()
    {
        await using SqliteCacheLevel level = _store.Level();
        await level.SetAsync("a", _store.Item([1]), default);
        await level.SetAsync("ab", _store.Item([1]), default);

        await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Key, "a"), default);

        (await level.GetAsync("a", default)).Should().BeNull();
        (await level.GetAsync("ab", default)).Should().NotBeNull();
    }

    [Theory]
    [InlineData("", "a|A|a%b|a_b|axb|zz")]
    [InlineData("a", "a|a%b|a_b|axb")]
    [InlineData("a%", "a%b")]
    [InlineData("a_", "a_b")]
    [InlineData("a\uD7FF", "a\uD7FFx")]
    [InlineData("a\uFFFF", "a\uFFFF|a\uFFFFx")]
    [InlineData("\uDBFF\uDFFF", "\uDBFF\uDFFF|\uDBFF\uDFFFx")]
    [InlineData("b\uDBFF\uDFFF", "b\uDBFF\uDFFF|b\uDBFF\uDFFF\uDBFF\uDFFF")]
    [InlineData("😀", "😀x")]
    public async Task A_prefix_removes_what_begins_like_this_and_nothing_else(string prefix, string meant)
    {
        string[] others = ["b", "B", "c\uFFFF", "d\uDBFF\uDFFF", "\uE000", "a\uE000", "😁"];
        await using SqliteCacheLevel level = _store.Level();
        foreach (string key in others.Concat(meant.Split('|'))) await level.SetAsync(key, _store.Item([1]), default);

        await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Prefix, prefix), default);

        foreach (string key in meant.Split('|')) (await level.GetAsync(key, default)).Should().BeNull(key);
        foreach (string key in others) (await level.GetAsync(key, default) is null).Should().Be(key.StartsWith(prefix, StringComparison.Ordinal), key);
    }

    [Fact]
    public async Task Two_keys_that_are_one_in_the_file_are_never_each_others_answer()
    {
        await using SqliteCacheLevel level = _store.Level();

        await level.SetAsync("own:\uD800", _store.Item([1]), default);

        (await level.GetAsync("own:\uD801", default)).Should().BeNull("half a character has no UTF-8 of its own");
        (await level.GetAsync("own:\uD800", default))!.Payload.ToArray().Should().Equal(1);
    }

    [Fact]
    public async Task Who_has_gone_before_the_disk_was_asked_costs_nothing()
    {
        await using SqliteCacheLevel level = _store.Level();
        var gone = new CancellationToken(canceled: true);

        await FluentActions.Awaiting(() => level.GetAsync("k", gone).AsTask()).Should().ThrowAsync<OperationCanceledException>();
        await FluentActions.Awaiting(() => level.SetAsync("k", _store.Item([1]), gone).AsTask()).Should().ThrowAsync<OperationCanceledException>();

        (await level.GetAsync("k", default)).Should().BeNull();
    }

    [Fact]
    public async Task Disposing_writes_what_was_asked_for_and_takes_no_more()
    {
        SqliteCacheLevel level = _store.Level();
        Task[] writes = [.. Enumerable.Range(0, 2_000).Select(i => level.SetAsync($"k{i}", _store.Item([1]), default).AsTask())];

        await level.DisposeAsync();

        writes.Should().OnlyContain(write => write.IsCompletedSuccessfully);
        _store.Ask("SELECT count(*) FROM entries").Should().Be(2_000L);
        await FluentActions.Awaiting(() => level.GetAsync("k1", default).AsTask()).Should().ThrowAsync<ObjectDisposedException>();
        await FluentActions.Awaiting(() => level.SetAsync("k1", _store.Item([1]), default).AsTask()).Should().ThrowAsync<ObjectDisposedException>();
        await level.DisposeAsync();
        File.Exists(_store.Path + "-wal").Should().BeFalse("a closed file is one file");
    }
}
