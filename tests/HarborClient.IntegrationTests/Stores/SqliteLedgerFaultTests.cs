using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace HarborClient.IntegrationTests.Stores;

// Nothing is lost that fits into memory, nobody who appends notices, and the log says it once.
public sealed class SqliteLedgerFaultTests : IDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);

    private readonly SqliteStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task While_the_file_is_locked_entries_wait_and_come_in_when_it_is_free()
    {
        await using SqliteLedger ledger = Ledger();
        await SqliteLedgerProcess.CountAsync(ledger);
        using (SqliteConnection other = _store.Connect())
        {
            SqliteStore.Ask(other, "BEGIN IMMEDIATE");
            Append(ledger, 0, 100);
            for (int i = 0; i < 2; i++) (await Reading(ledger).Should().ThrowAsync<SqliteException>()).Which.SqliteErrorCode.Should().Be(5);
            ledger.Waiting.Should().Be(100);
        }

        (await SqliteLedgerProcess.CountAsync(ledger)).Should().Be(100);
        ledger.Waiting.Should().Be(0);
        ledger.Dropped.Should().Be(0);
        _store.Logs.Lines.Should().HaveCount(2).And.SatisfyRespectively(line => line.Should().Contain(_store.Path).And.Contain("cannot be written"), line => line.Should().Contain("is written again"));
    }

    [Fact]
    public async Task What_could_not_be_written_is_tried_again_by_itself()
    {
        await using SqliteLedger ledger = Ledger();
        await SqliteLedgerProcess.CountAsync(ledger);
        using (SqliteConnection other = _store.Connect())
        {
            SqliteStore.Ask(other, "BEGIN IMMEDIATE");
            Append(ledger, 0, 10);
            await Reading(ledger).Should().ThrowAsync<SqliteException>();
        }

        await _store.Time.TimerSet(TimeSpan.FromMilliseconds(200));
        _store.Time.Advance(TimeSpan.FromMilliseconds(200));

        await Poll.UntilAsync(() => ledger.Waiting == 0);
        _store.Ask("SELECT count(*) FROM attempts").Should().Be(10L);
    }

    [Fact]
    public async Task What_does_not_fit_into_the_bound_is_counted_and_said_once()
    {
        await using SqliteLedger ledger = Ledger(new SqliteLedgerOptions { MaximumWaiting = 2_000 });
        await SqliteLedgerProcess.CountAsync(ledger);
        using (SqliteConnection other = _store.Connect())
        {
            SqliteStore.Ask(other, "BEGIN IMMEDIATE");
            Append(ledger, 0, 5_000);
            for (int i = 0; i < 2; i++) await Reading(ledger).Should().ThrowAsync<SqliteException>();
            ledger.Waiting.Should().Be(2_000);
            ledger.Dropped.Should().Be(3_000);
        }

        (await SqliteLedgerProcess.CountAsync(ledger)).Should().Be(2_000);
        _store.Logs.Lines.Count(line => line.Contains("3000 are dropped", StringComparison.Ordinal)).Should().Be(1);
    }

    [Fact]
    public async Task A_locked_file_holds_up_the_end_for_less_than_five_seconds()
    {
        SqliteLedger ledger = new(_store.Path, loggers: _store.Logs);
        await SqliteLedgerProcess.CountAsync(ledger);
        using SqliteConnection other = _store.Connect();
        SqliteStore.Ask(other, "BEGIN IMMEDIATE");
        Append(ledger, 0, 10);

        var watch = Stopwatch.StartNew();
        await ledger.DisposeAsync();

        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(5.5));
        ledger.Dropped.Should().Be(10);
        _store.Logs.Lines.Should().Contain(line => line.Contains("without 10 entries", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_damaged_file_is_renamed_and_a_new_one_begun()
    {
        await File.WriteAllTextAsync(_store.Path, "Dear diary, today I spent money. " + new string('x', 5_000));
        await using SqliteLedger ledger = Ledger();
        Append(ledger, 0, 3);

        (await SqliteLedgerProcess.CountAsync(ledger)).Should().Be(3);

        (await File.ReadAllTextAsync(_store.SetAside().Should().ContainSingle().Subject)).Should().StartWith("Dear diary");
        _store.Logs.Lines.Should().ContainSingle().Which.Should().Contain("ledger").And.Contain(_store.Path);
    }

    [Theory]
    [InlineData("PRAGMA user_version = 2", "version 2")]
    [InlineData("PRAGMA application_id = 7", "another program")]
    [InlineData("PRAGMA application_id = 1214411331", "version 2", "PRAGMA user_version = 2")]
    public async Task A_file_of_a_newer_version_or_another_program_is_left_alone(string becomes, string said, string? before = null)
    {
        await using (SqliteLedger first = Ledger())
        {
            Append(first, 0, 1);
            await SqliteLedgerProcess.CountAsync(first);
        }

        _store.Ask(becomes);
        if (before is not null)
        {
            // A cache's file is another program's too.
            _store.Ask(before);
            said = "another program";
        }

        byte[] bytes = await File.ReadAllBytesAsync(_store.Path);
        await using SqliteLedger ledger = Ledger();
        Append(ledger, 1, 1);

        (await Reading(ledger).Should().ThrowAsync<HarborException>()).Which.Message.Should().Contain(_store.Path).And.Contain(said).And.Contain("UseSqliteLedger");

        ledger.Waiting.Should().Be(1);
        (await File.ReadAllBytesAsync(_store.Path)).Should().Equal(bytes);
    }

    [MountFact]
    public async Task A_full_disk_loses_nothing_that_fits_into_memory()
    {
        using Process process = SqliteOnOwnMount.StartOnSmallDisk(_store.Folder, SqliteOnOwnMount.FullLedger);

        string said = await process.StandardOutput.ReadToEndAsync().WaitAsync(Guard);

        said.Trim().Split('\n').Should().Equal("full: SQLite 13", "waiting: True, dropped: 0", "well: all");
    }

    private SqliteLedger Ledger(SqliteLedgerOptions? options = null) => new(_store.Path, options, _store.Time, _store.Logs);

    private void Append(SqliteLedger ledger, int first, int count)
    {
        for (int i = first; i < first + count; i++) ledger.Append(SqliteLedgerProcess.Entry(i, _store.Time.GetUtcNow()));
    }

    private static Func<Task> Reading(SqliteLedger ledger) => () => SqliteLedgerProcess.CountAsync(ledger);
}
