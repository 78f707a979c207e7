using Microsoft.Data.Sqlite;

namespace HarborClient.IntegrationTests.Stores;

// What a client's calls cost, as its ledger file tells it.
public sealed class SqliteLedgerClientTests : IDisposable
{
    private readonly SqliteStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task A_report_from_the_file_is_what_the_calls_cost()
    {
        decimal paid = 0;
        await using (FastClient client = Client(0.15m))
        {
            for (int i = 0; i < 30; i++)
            {
                HarborCallInfo info = (await client.GetResponseAsync("hi", new HarborChatOptions { Tenant = $"t{i % 3}", User = $"u{i % 2}", Tags = new Dictionary<string, string> { ["team"] = $"x{i % 5}" } })).GetHarborInfo();
                paid += info.Cost!.Value.Usd;
            }

            (await ReportAsync(client, CostGroup.Model)).Total.Cost.Usd.Should().Be(paid, "a report waits for what is not written yet");
        }

        await using FastClient next = Client(0.15m);

        CostReport report = await ReportAsync(next, CostGroup.Tenant);
        report.Total.Cost.Usd.Should().Be(paid).And.BeGreaterThan(0);
        report.Total.Calls.Should().Be(30);
        report.Select(row => (row.Key, row.Calls)).Should().BeEquivalentTo([("t0", 10L), ("t1", 10L), ("t2", 10L)]);
        (await ReportAsync(next, CostGroup.Tag)).Should().HaveCount(5);
        (await ReportAsync(next, CostGroup.User)).Should().HaveCount(2);
        next.Costs.Store.Should().BeOfType<SqliteLedger>().Which.Dropped.Should().Be(0);
    }

    [Fact]
    public async Task A_newer_price_changes_no_past_cost()
    {
        await using (FastClient old = Client(1)) await old.GetResponseAsync("hi");
        await using FastClient client = Client(10);
        (await ReportAsync(client, CostGroup.Model)).Total.Cost.Should().Be(new Money(1_000_000));

        await client.GetResponseAsync("hi");

        (await ReportAsync(client, CostGroup.Model)).Total.Cost.Should().Be(new Money(1_000_000 + 10_000_000));
    }

    [Fact]
    public async Task Two_clients_report_what_both_have_spent()
    {
        await using FastClient one = Client(1);
        await using FastClient two = Client(2);

        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? one : two).GetResponseAsync("hi")));
        await ReportAsync(two, CostGroup.Day);

        (await ReportAsync(one, CostGroup.Day)).Total.Cost.Should().Be(new Money(20 * 3_000_000));
    }

    [Fact]
    public void A_client_is_built_without_touching_the_file()
    {
        using FastClient client = Client(1);

        File.Exists(_store.Path).Should().BeFalse();
    }

    [Fact]
    public async Task A_locked_file_loses_no_budget_truth_and_neither_does_a_restart()
    {
        int answered = 0;
        await using (FastClient client = Client(1, Money.FromUsd(0.01m)))
        {
            await client.GetResponseAsync("hi", Short);
            answered++;
            using (SqliteConnection other = _store.Connect())
            {
                SqliteStore.Ask(other, "BEGIN IMMEDIATE");
                await FluentActions.Awaiting(async () =>
                {
                    for (; answered < 100; answered++) await client.GetResponseAsync("hi", Short);
                }).Should().ThrowAsync<BudgetExceededException>();
                client.Costs.Budgets.Should().ContainSingle().Which.Spent.Should().Be(new Money(answered * 1_000_000));
            }
        }

        answered.Should().BeInRange(9, 10);
        _store.Ask("SELECT count(*) FROM attempts").Should().Be((long)answered);
        _store.Time.Advance(TimeSpan.FromSeconds(1));
        await using FastClient next = Client(1, Money.FromUsd(0.01m));

        await FluentActions.Awaiting(() => next.GetResponseAsync("hi", Short)).Should().ThrowAsync<BudgetExceededException>();

        next.Costs.Budgets.Should().ContainSingle().Which.Spent.Should().Be(new Money(answered * 1_000_000));
    }

    [Fact]
    public async Task A_hard_budget_refuses_where_the_file_is_not_the_ledgers()
    {
        _store.Ask("CREATE TABLE own (a)");
        await using FastClient client = Client(1, Money.FromUsd(1));

        HarborException error = (await FluentActions.Awaiting(() => client.GetResponseAsync("hi", Short)).Should().ThrowAsync<HarborException>()).Which;

        error.Kind.Should().Be(ErrorKind.Budget);
        error.Message.Should().Contain(_store.Path).And.Contain("UseSqliteLedger").And.Contain("another program");
    }

    private static ChatOptions Short => new() { MaxOutputTokens = 100 };

    private static Task<CostReport> ReportAsync(FastClient client, CostGroup by) => client.Costs.ReportAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, by);

    private FastClient Client(decimal price, Money? budget = null) => FastClient.Create(h => (budget is { } limit ? h.AddBudget("team", limit) : h)
        .AddOpenAI("key-7Qm2xWv9", openAI => openAI.UseHandler(new ProviderEmulator(_store.Time).Otherwise(EmulatedReply.Answer("hello").Usage(1_000, 0)).CreateHandler()))
        .UseDefaultModel("openai/gpt-4o-mini")
        .UseTimeProvider(_store.Time)
        .UsePrices(prices => prices.Models["openai/gpt-4o-mini"] = new ModelPrice { InputPerMillionTokens = price, OutputPerMillionTokens = price })
        .UseSqliteLedger(_store.Path));
}
