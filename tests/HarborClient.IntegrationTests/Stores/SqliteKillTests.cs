using HarborClient.Tests;

namespace HarborClient.IntegrationTests.Stores;

public sealed class SqliteKillTests : IDisposable
{
    private const int Kills = 100;

    private readonly SqliteStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task A_hundred_kills_in_the_middle_of_writing_lose_nothing_that_was_kept_and_damage_nothing()
    {
        var random = new Random(6);
        int first = 0;
        var kept = new List<int>();
        SqliteWriter next = SqliteWriter.Start(_store.Path);
        for (int kill = 0; kill < Kills; kill++)
        {
            // The next one comes up while this one writes.
            using SqliteWriter writer = next;
            next = SqliteWriter.Start(_store.Path);
            await writer.WriteAsync(first);
            var ofThis = new List<int>();
            int until = random.Next(1, 120);
            while (ofThis.Count < until) ofThis.Add(await writer.KeptAsync() ?? throw new InvalidOperationException($"Writer {kill} ended by itself."));
            ofThis.AddRange(await writer.KillAsync());

            await using (var level = new SqliteCacheLevel(_store.Path)) await CheckAsync(level, ofThis);
            _store.Ask("PRAGMA integrity_check").Should().Be("ok");
            kept.AddRange(ofThis);
            first = ofThis.Max() + 100;
        }

        next.Dispose();
        await using var last = new SqliteCacheLevel(_store.Path);
        await CheckAsync(last, kept);
        _store.SetAside().Should().BeEmpty();
        TestReport.Add($"SQLite, {Kills} kills in the middle of writing: {kept.Count} entries were said to be kept, and {kept.Count} are there");
    }

    private static async Task CheckAsync(SqliteCacheLevel level, List<int> kept)
    {
        foreach (int number in kept)
        {
            CacheItem? item = await level.GetAsync(SqliteWriter.KeyOf(number), default);
            (item is not null && item.Payload.Span.SequenceEqual(SqliteWriter.PayloadOf(number))).Should().BeTrue($"entry {number} was kept");
        }

        // Those that were on their way may be there or not, and if they are, then whole.
        for (int number = kept.Max() - 20; number < kept.Max() + 20; number++)
        {
            CacheItem? item = await level.GetAsync(SqliteWriter.KeyOf(number), default);
            (item is null || item.Payload.Span.SequenceEqual(SqliteWriter.PayloadOf(number))).Should().BeTrue($"entry {number} is whole or not there");
        }
    }
}
