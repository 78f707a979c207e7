using System.Diagnostics;
using HarborClient.Tests;

namespace HarborClient.IntegrationTests.Stores;

public sealed class SqliteLedgerKillTests : IDisposable
{
    private const int Kills = 10;

    private readonly SqliteStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task A_kill_loses_at_most_a_second_of_entries_and_none_in_between()
    {
        var random = new Random(7);
        TimeSpan most = TimeSpan.Zero;
        long lost = 0, first = 0;
        SqliteLedgerProcess next = SqliteLedgerProcess.Start(_store.Path);
        for (int kill = 0; kill < Kills; kill++)
        {
            // The next one comes up while this one appends.
            using SqliteLedgerProcess process = next;
            next = SqliteLedgerProcess.Start(_store.Path);
            TimeSpan until = TimeSpan.FromMilliseconds(random.Next(300, 1_500));
            var watch = Stopwatch.StartNew();
            long number = first;
            DateTimeOffset last = default;
            DateTimeOffset begun = default;
            for (; watch.Elapsed < until || number == first; number += 20)
            {
                last = await process.AppendAsync(number, 20);
                if (number == first) begun = last;
            }

            await process.KillAsync();

            List<LedgerEntry> kept = await ReadAsync(first);
            kept.Select(entry => entry.Cost.NanoUsd).Should().Equal(Enumerable.Range(0, kept.Count).Select(i => first + i), "what is lost is at the end");
            TimeSpan missing = kept.Count == number - first ? TimeSpan.Zero : last - (kept.Count > 0 ? kept[^1].At : begun);
            missing.Should().BeLessThan(TimeSpan.FromSeconds(1));
            most = missing > most ? missing : most;
            lost += number - first - kept.Count;
            first = number;
        }

        next.Dispose();
        _store.Ask("PRAGMA integrity_check").Should().Be("ok");
        _store.SetAside().Should().BeEmpty();
        TestReport.Add($"SQLite ledger, {Kills} kills while {first} entries were appended: {lost} lost, the longest stretch of them {most.TotalMilliseconds:F0} ms");
    }

    private async Task<List<LedgerEntry>> ReadAsync(long first)
    {
        await using var ledger = new SqliteLedger(_store.Path);
        var kept = new List<LedgerEntry>();
        await foreach (LedgerEntry entry in ledger.ReadAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue))
        {
            if (entry.Cost.NanoUsd >= first) kept.Add(entry);
        }

        return kept;
    }
}
