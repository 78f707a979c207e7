using System.Globalization;

namespace HarborClient.IntegrationTests.Stores;

public sealed class SqliteLedgerTests : IDisposable
{
    private readonly SqliteStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Every_part_of_an_entry_comes_back_as_it_was()
    {
        LedgerEntry full = new()
        {
            Id = new UInt128(ulong.MaxValue, 1),
            At = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero).AddTicks(1),
            Attempts = 1,
            Calls = 1,
            Provider = "openai",
            Model = "gpt-4o-mini",
            Alias = "chat",
            Endpoint = "api.openai.com",
            Tenant = "acmé",
            User = "u'1",
            Tags = "a=1\nb=2",
            Tokens = new BilledTokens(1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
            Cost = new Money(long.MaxValue / 2),
            Estimated = new Money(11),
            Unpriced = 0,
            PriceVersion = "2026-11-01",
        };
        LedgerEntry bare = new() { Id = 1, At = full.At.AddTicks(-1), Attempts = 1, Provider = "lab", Model = "m", Alias = "m", Endpoint = "lab.test", Unpriced = 1 };
        await using (SqliteLedger ledger = Ledger())
        {
            ledger.Append(full);
            ledger.Append(bare);
        }

        await using SqliteLedger next = Ledger();

        (await AllAsync(next)).Should().Equal(bare, full);
        (await ReadAsync(next, full.At, full.At)).Should().BeEmpty("the end is not in it");
        (await ReadAsync(next, full.At, full.At.AddTicks(1))).Should().Equal(full);
    }

    [Fact]
    public async Task An_entry_that_is_appended_twice_is_kept_once()
    {
        await using SqliteLedger ledger = Ledger();
        LedgerEntry entry = SqliteLedgerProcess.Entry(1, _store.Time.GetUtcNow());

        ledger.Append(entry);
        ledger.Append(entry);
        (await AllAsync(ledger)).Should().ContainSingle();
        ledger.Append(entry with { Cost = new Money(7) });

        (await AllAsync(ledger)).Should().Equal(entry);
    }

    [Fact]
    public async Task Many_entries_are_read_in_order_of_time_whatever_order_they_came_in()
    {
        const int Count = 5_001;
        await using SqliteLedger ledger = Ledger();
        DateTimeOffset begin = _store.Time.GetUtcNow();

        // Three of each second, and seconds in an order of their own.
        for (int i = 0; i < Count; i++) ledger.Append(SqliteLedgerProcess.Entry(i, begin.AddSeconds(i * 7 % 1_667)));

        List<LedgerEntry> all = await AllAsync(ledger);
        all.Should().HaveCount(Count).And.BeInAscendingOrder(entry => entry.At);
        all.Select(entry => entry.Id).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task An_entry_waits_for_others_as_long_as_it_is_set_to()
    {
        await using SqliteLedger ledger = Ledger(new SqliteLedgerOptions { FlushEvery = TimeSpan.FromSeconds(2) });
        ledger.Append(SqliteLedgerProcess.Entry(1, _store.Time.GetUtcNow()));

        _store.Time.Advance(TimeSpan.FromSeconds(1.9));
        File.Exists(_store.Path).Should().BeFalse();
        ledger.Waiting.Should().Be(1);
        _store.Time.Advance(TimeSpan.FromSeconds(0.1));

        await Poll.UntilAsync(() => ledger.Waiting == 0);
        _store.Ask("SELECT count(*) FROM attempts").Should().Be(1L);
        new SqliteLedgerOptions().FlushEvery.Should().BeLessThanOrEqualTo(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task A_thousand_entries_wait_for_nothing()
    {
        await using SqliteLedger ledger = Ledger();

        for (int i = 0; i < 1_000; i++) ledger.Append(SqliteLedgerProcess.Entry(i, _store.Time.GetUtcNow()));

        await Poll.UntilAsync(() => ledger.Waiting == 0);
        _store.Ask("SELECT count(*) FROM attempts").Should().Be(1_000L);
    }

    [Fact]
    public async Task A_ledger_of_another_process_is_read_while_it_is_written()
    {
        await using SqliteLedger ledger = Ledger();
        using SqliteLedgerProcess other = SqliteLedgerProcess.Start(_store.Path);
        for (int i = 0; i < 20; i++)
        {
            await other.AppendAsync(i * 100, 100);
            for (int j = 0; j < 100; j++) ledger.Append(SqliteLedgerProcess.Entry((i * 100) + j, TimeProvider.System.GetUtcNow()));
            (await AllAsync(ledger)).Count(entry => entry.Id >> 64 == 0).Should().Be((i + 1) * 100, "what this process appended is seen by it");
        }

        await other.EndAsync();

        (await AllAsync(ledger)).Should().HaveCount(4_000);
        _store.Ask("PRAGMA integrity_check").Should().Be("ok");
        ledger.Dropped.Should().Be(0);
    }

    [Fact]
    public async Task The_views_say_what_was_spent_in_dollars()
    {
        await using SqliteLedger ledger = Ledger();
        DateTimeOffset at = new(2026, 11, 24, 23, 59, 59, TimeSpan.Zero);
        LedgerEntry entry = SqliteLedgerProcess.Entry(0, at) with { Model = "m", Cost = Money.FromUsd(1.5m), Estimated = Money.FromUsd(0.5m), Tokens = new BilledTokens(1, 2, 3, 4, 5, 6, 7, 8, 9) };
        ledger.Append(entry with { Id = 1, Tenant = "acme", User = "ann" });
        ledger.Append(entry with { Id = 2, Tenant = "acme", At = at.AddSeconds(1) });
        ledger.Append(entry with { Id = 3, Calls = 0, Unpriced = 1, Cost = Money.Zero, Estimated = Money.Zero, Endpoint = "other.test" });
        await AllAsync(ledger);

        Ask("SELECT group_concat(day || ' ' || cost_usd, ', ') FROM cost_by_day").Should().Be("2026-11-24 1.5, 2026-11-25 1.5");
        Ask("SELECT provider || '/' || model || ' ' || cost_usd || ' ' || estimated_usd || ' ' || calls || ' ' || attempts || ' ' || unpriced || ' ' || input_tokens || ' ' || output_tokens FROM cost_by_model")
            .Should().Be("lab/m 3.0 1.0 2 3 1 63 72");
        Ask("SELECT group_concat(tenant || ' ' || cost_usd, ', ') FROM cost_by_tenant").Should().Be("acme 3.0,  0.0");
        Ask("SELECT cost_usd FROM cost_by_user WHERE user = 'ann'").Should().Be("1.5");
        Ask("SELECT cost_usd FROM cost_by_endpoint WHERE endpoint = 'lab.test'").Should().Be("3");
    }

    [Fact]
    public async Task What_was_written_is_not_written_again()
    {
        await using SqliteLedger ledger = Ledger();
        ledger.Append(SqliteLedgerProcess.Entry(1, _store.Time.GetUtcNow()));
        await AllAsync(ledger);

        FluentActions.Invoking(() => _store.Ask("UPDATE attempts SET cost_nano = 0")).Should().Throw<Microsoft.Data.Sqlite.SqliteException>().WithMessage("*only appended to*");
    }

    [Theory]
    [InlineData(9)]
    [InlineData(10_001)]
    public void A_wait_out_of_its_bounds_is_said_where_it_is_set(int milliseconds) => Build(options => options.FlushEvery = TimeSpan.FromMilliseconds(milliseconds)).Should().Throw<HarborException>()
        .Where(e => e.Kind == ErrorKind.Configuration && e.Message.Contains("SqliteLedger.FlushEvery must be"));

    [Theory]
    [InlineData(1_999)]
    [InlineData(10_000_001)]
    public void A_number_of_waiting_entries_out_of_its_bounds_is_said_where_it_is_set(int entries) => Build(options => options.MaximumWaiting = entries).Should().Throw<HarborException>()
        .Where(e => e.Kind == ErrorKind.Configuration && e.Message.Contains("SqliteLedger.MaximumWaiting must be 2,000 to 10,000,000"));

    [Fact]
    public void A_folder_is_no_ledger() =>
        FluentActions.Invoking(() => new SqliteLedger(_store.Folder)).Should().Throw<HarborException>().Where(e => e.Kind == ErrorKind.Configuration && e.Message.Contains(_store.Folder) && e.Message.Contains("ledger"));

    private Action Build(Action<SqliteLedgerOptions> configure) => () => FastClient.Create(h => h.AddOpenAI("key-7Qm2xWv9").UseSqliteLedger(_store.Path, configure)).Dispose();

    private SqliteLedger Ledger(SqliteLedgerOptions? options = null) => new(_store.Path, options, _store.Time, _store.Logs);

    private string? Ask(string sql) => Convert.ToString(_store.Ask(sql), CultureInfo.InvariantCulture);

    private static Task<List<LedgerEntry>> AllAsync(SqliteLedger ledger) => ReadAsync(ledger, DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    private static async Task<List<LedgerEntry>> ReadAsync(SqliteLedger ledger, DateTimeOffset from, DateTimeOffset to)
    {
        var all = new List<LedgerEntry>();
        await foreach (LedgerEntry entry in ledger.ReadAsync(from, to)) all.Add(entry);
        return all;
    }
}
