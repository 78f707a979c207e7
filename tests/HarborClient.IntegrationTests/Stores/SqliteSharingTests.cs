namespace HarborClient.IntegrationTests.Stores;

public sealed class SqliteSharingTests : IDisposable
{
    private readonly SqliteStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Two_processes_write_and_read_one_file_at_the_same_time()
    {
        const int Count = 1_000;
        await using var level = new SqliteCacheLevel(_store.Path);
        using SqliteWriter other = SqliteWriter.Start(_store.Path);
        await other.WriteAsync(0);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        int seen = 0;
        for (int i = 0; i < Count; i++)
        {
            int number = (await other.KeptAsync())!.Value;
            if ((await level.GetAsync(SqliteWriter.KeyOf(number), default))!.Payload.Span.SequenceEqual(SqliteWriter.PayloadOf(number))) seen++;
            await level.SetAsync($"own:{i}", new CacheItem(SqliteStore.Bytes(500, i), now, now + TimeSpan.FromDays(1), []), default);
        }

        await level.RemoveAsync(new CacheSelection(CacheSelectionKind.Prefix, "own:1"), default);
        await other.KillAsync();

        seen.Should().Be(Count, "what one process was told is kept, the other finds");
        _store.Ask("SELECT count(*) FROM entries WHERE key LIKE 'own:%'").Should().Be(Count - 111L);
        _store.Ask("PRAGMA integrity_check").Should().Be("ok");
    }

    [Fact]
    public async Task Two_clients_of_one_process_that_begin_a_file_at_once_share_it()
    {
        SqliteCacheLevel[] levels = [.. Enumerable.Range(0, 4).Select(_ => _store.Level())];

        await Task.WhenAll(levels.Select((level, i) => level.SetAsync($"k{i}", _store.Item([(byte)i]), default).AsTask()));

        foreach (SqliteCacheLevel level in levels)
        {
            for (int i = 0; i < levels.Length; i++) (await level.GetAsync($"k{i}", default))!.Payload.ToArray().Should().Equal((byte)i);
        }

        foreach (SqliteCacheLevel level in levels) await level.DisposeAsync();
        _store.SetAside().Should().BeEmpty();
    }
}
