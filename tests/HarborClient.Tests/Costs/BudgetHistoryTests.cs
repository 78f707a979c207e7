using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// A restart fills no budget up.
public sealed class BudgetHistoryTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly ListLedger _ledger = new();
    private readonly RecordedLogs _logs = new();
    private readonly ProviderEmulator _provider;

    public BudgetHistoryTests() => _provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("hello").Usage(1_000, 0));

    public void Dispose() => _logs.Dispose();

    [Theory]
    [InlineData(PerformanceMode.Fast)]
    [InlineData(PerformanceMode.Full)]
    public async Task A_store_that_throws_keeps_no_reservation_and_no_permit(PerformanceMode mode)
    {
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("hello").Usage(10, 5));
        var store = new ListLedger { AppendFailure = new InvalidOperationException("the disk is on fire") };
        await using FastClient client = TestClients.OpenAI(provider, TimeProvider.System, mode, h => h.AddBudget("team", Money.FromUsd(1)).UseLedgerStore((_, _) => store));

        (await client.GetResponseAsync("hi").Guarded()).Text.Should().Be("hello");

        client.Costs.Budgets.Single().Should().BeEquivalentTo(new { Spent = new Money(4_500), Reserved = Money.Zero });
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public void A_client_that_cannot_be_built_leaves_no_store_open()
    {
        var ledger = new ListLedger();

        FluentActions.Invoking(() => TestClients.OpenAI(new ProviderEmulator(), TimeProvider.System, configure: h => h
            .UseLedgerStore((_, _) => ledger)
            .UseCacheLevel(() => throw new IOException("The level cannot be opened.")))).Should().Throw<IOException>();

        ledger.IsDisposed.Should().BeTrue();
    }

    [Fact]
    public async Task What_an_earlier_client_has_spent_counts()
    {
        await using (FastClient first = Client(Money.FromUsd(1)))
        {
            for (int i = 0; i < 3; i++) await first.GetResponseAsync("hi");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await using FastClient client = Client(Money.FromUsd(1));
        await client.GetResponseAsync("hi");

        client.Costs.Budgets.Should().ContainSingle().Which.Spent.Should().Be(new Money(4 * 150_000));
        _ledger.Reads.Should().Be(2, "each client reads once");
    }

    [Fact]
    public async Task A_budget_that_was_used_up_refuses_after_a_restart()
    {
        _ledger.Append(ListLedger.Entry(_time.GetUtcNow(), 1));
        _time.Advance(TimeSpan.FromMinutes(5));
        await using FastClient client = Client(Money.FromUsd(1));

        Func<Task> call = () => client.GetResponseAsync("hi");

        (await call.Should().ThrowAsync<BudgetExceededException>()).Which.Spent.Should().Be(Money.FromUsd(1));
        _provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("day", 0.03)]
    [InlineData("week", 0.07)]
    [InlineData("month", 0.15)]
    [InlineData("total", 0.31)]
    [InlineData("rolling", 0.01)]
    public async Task Only_the_present_window_counts(string window, decimal spent)
    {
        // A Wednesday at noon.
        _time.SetUtcNow(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
        DateTimeOffset now = _time.GetUtcNow();
        DateTimeOffset[] times = [now.AddMinutes(-1), now.AddHours(-11), now.AddDays(-2), now.AddDays(-20), now.AddDays(-300)];
        for (int i = 0; i < times.Length; i++) _ledger.Append(ListLedger.Entry(times[i], 0.01m * (1 << i)));
        await using FastClient client = Client(Money.FromUsd(1), budget => budget.Window = window switch
        {
            "day" => BudgetWindow.CalendarDay(TimeZoneInfo.Utc),
            "week" => BudgetWindow.CalendarWeek(TimeZoneInfo.Utc),
            "month" => BudgetWindow.CalendarMonth(TimeZoneInfo.Utc),
            "total" => BudgetWindow.Total,
            _ => BudgetWindow.Rolling(TimeSpan.FromHours(1)),
        });

        await client.GetResponseAsync("hi");

        client.Costs.Budgets[0].Spent.Should().Be(Money.FromUsd(spent) + new Money(150_000));
    }

    [Fact]
    public async Task What_was_spent_counts_for_those_who_spent_it()
    {
        DateTimeOffset at = _time.GetUtcNow();
        _ledger.Append(ListLedger.Entry(at, 0.5m, tenant: "a", tags: "more=yes\nteam=search"));
        _ledger.Append(ListLedger.Entry(at, 0.25m, tenant: "a", tags: "team=search"));
        _ledger.Append(ListLedger.Entry(at, 0.125m, tenant: "b", tags: "team=ads"));
        _ledger.Append(ListLedger.Entry(at, 0.0625m, tenant: "a", tags: "team=search", provider: "other"));
        _time.Advance(TimeSpan.FromSeconds(1));
        await using FastClient client = TestClients.OpenAI(_provider, _time, configure: h => h.UseLedgerStore((_, _) => _ledger)
            .AddBudget("tenant", Money.FromUsd(10), b => b.Each = BudgetEach.Tenant)
            .AddBudget("search", Money.FromUsd(10), b => (b.Tags["team"], b.Provider) = ("search", "openai")));

        await client.GetResponseAsync("hi", new HarborChatOptions { Tenant = "b", Tags = new Dictionary<string, string> { ["team"] = "search" } });

        Money own = new(150_000);
        client.Costs.Budgets.Select(status => (status.Name, status.For, status.Spent)).Should()
            .BeEquivalentTo([("tenant", "a", Money.FromUsd(0.8125m)), ("tenant", "b", Money.FromUsd(0.125m) + own), ("search", "", Money.FromUsd(0.75m) + own)]);
    }

    [Fact]
    public async Task The_first_calls_wait_for_one_load()
    {
        _ledger.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FastClient client = Client(Money.FromUsd(1));

        Task<ChatResponse>[] calls = [.. Enumerable.Range(0, 10).Select(i => client.GetResponseAsync($"question {i}"))];
        await _ledger.Reading.Task.Guarded();
        _provider.Attempts.Should().BeEmpty();
        _ledger.Gate.SetResult();

        await Task.WhenAll(calls).Guarded();
        _ledger.Reads.Should().Be(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Who_waits_for_the_load_can_leave()
    {
        _ledger.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FastClient client = Client(Money.FromUsd(1));
        using var cancel = new CancellationTokenSource();

        Task<ChatResponse> call = client.GetResponseAsync("hi", cancellationToken: cancel.Token);
        await _ledger.Reading.Task.Guarded();
        await cancel.CancelAsync();

        (await FluentActions.Awaiting(() => call.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(cancel.Token);
        client.Outstanding().Should().Be(Outstanding.None);
        client.Costs.Budgets.Should().NotContain(status => status.Reserved != Money.Zero);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_hard_budget_refuses_while_the_ledger_cannot_be_read_and_goes_on_when_it_can(int failsAfter)
    {
        _ledger.Append(ListLedger.Entry(_time.GetUtcNow(), 0.25m));
        _ledger.Append(ListLedger.Entry(_time.GetUtcNow(), 0.25m));
        _time.Advance(TimeSpan.FromSeconds(1));
        (_ledger.Failure, _ledger.FailsAfter) = (new IOException("The disk is gone."), failsAfter);
        await using FastClient client = Client(Money.FromUsd(1));
        Func<Task> call = () => client.GetResponseAsync("hi");

        HarborException error = (await call.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.Budget);
        error.Message.Should().Contain("/data/costs.db (UseListLedger)").And.Contain("The disk is gone.");
        _provider.Attempts.Should().BeEmpty();
        await call.Should().ThrowAsync<HarborException>();
        _ledger.Reads.Should().Be(1, "one that has just failed is left in peace");

        _ledger.Failure = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        await call.Should().NotThrowAsync();
        client.Costs.Budgets[0].Spent.Should().Be(Money.FromUsd(0.5m) + new Money(150_000));
        _logs.Of(90).Should().ContainSingle();
        _logs.Of(91).Should().ContainSingle();
    }

    [Fact]
    public async Task A_soft_budget_goes_on_while_the_ledger_cannot_be_read()
    {
        _ledger.Failure = new IOException("The disk is gone.");
        await using FastClient client = Client(Money.FromUsd(1), budget => budget.IsHard = false);

        await client.GetResponseAsync("hi");

        client.Costs.Budgets[0].Spent.Should().Be(new Money(150_000));
    }

    [Fact]
    public async Task A_threshold_that_was_passed_before_the_restart_is_not_told_again()
    {
        _ledger.Append(ListLedger.Entry(_time.GetUtcNow(), 0.6m));
        _time.Advance(TimeSpan.FromSeconds(1));
        var told = new TaskCompletionSource<CostAlert>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FastClient client = Client(Money.FromUsd(1), budget => budget.IsHard = false);
        client.Costs.Alert += (_, alert) => told.TrySetResult(alert);

        await client.GetResponseAsync("hi");
        _logs.Of(82).Should().BeEmpty();
        _provider.Otherwise(EmulatedReply.Answer("hello").Usage(2_000_000, 0));
        await client.GetResponseAsync("hi");

        (await told.Task.Guarded()).Threshold.Should().Be(0.9);
    }

    private FastClient Client(Money limit, Action<BudgetOptions>? options = null) => TestClients.OpenAI(
        _provider, _time, configure: h => h.UseLedgerStore((_, _) => _ledger).UseLoggerFactory(_logs).AddBudget("team", limit, options));
}
