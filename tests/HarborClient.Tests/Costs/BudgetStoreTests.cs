using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// Clients that share their budgets through one store, as processes do.
public sealed class BudgetStoreTests
{
    // Of one call: 10 tokens of prompt and 5 of answer, at 2.50 and 10 USD a million.
    private const long CallCost = 75_000;

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    private readonly ManualTimeProvider _time = new();
    private readonly MemoryBudgetStore _store;
    private readonly ProviderEmulator _provider;

    public BudgetStoreTests()
    {
        _store = new MemoryBudgetStore(_time);
        _provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("hello").Usage(10, 5));
    }

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task What_one_process_has_spent_another_cannot_spend_again(PerformanceMode mode)
    {
        long paid = 0;
        var provider = new ProviderEmulator().Respond(attempt =>
        {
            int most = attempt.BodyJson!.Value.GetProperty("max_completion_tokens").GetInt32();
            paid += (10 * 2_500L) + (most * 10_000L);
            return EmulatedReply.Answer("hello").Usage(10, most);
        });
        FastClient[] clients = [.. Enumerable.Range(0, 2).Select(_ => TestClients.OpenAI(provider, _time, mode, h => h.AddBudget("team", Money.FromUsd(0.03m)).UseBudgetStore(_store)))];
        for (int i = 0; i < 3; i++) await AskAsync(clients[i % 2], 1_000);

        foreach (FastClient client in clients)
        {
            Func<Task> more = () => AskAsync(client, 1_000);
            BudgetExceededException error = (await more.Should().ThrowAsync<BudgetExceededException>()).Which;
            error.Message.Should().Contain("'team'");
            (error.Spent + error.Reserved).NanoUsd.Should().BeGreaterThan(26_000_000, "it is what both have spent");
            client.Outstanding().Should().Be(Outstanding.None);
        }

        paid.Should().BeInRange(26_000_000, 30_000_000, "a prompt is bounded high");
        _store.Leased.Should().BeInRange(paid, 30_000_000);
        foreach (FastClient client in clients) await client.DisposeAsync();
    }

    [Fact]
    public async Task Hardly_a_call_asks_the_store()
    {
        const int calls = 2_000;
        await using FastClient client = Client(Money.FromUsd(100));

        for (int i = 0; i < calls; i++)
        {
            await AskAsync(client, 100);
            if (i % 10 == 0) _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        _store.Claims.Should().BeLessThan(calls / 100);
        TestReport.Add($"shared budgets: {calls} calls, {_store.Claims} claims");
    }

    [Fact]
    public async Task Only_part_fits_and_the_answer_is_allowed_fewer_tokens()
    {
        await using FastClient client = Client(Money.FromUsd(0.01m));

        HarborCallInfo info = (await AskAsync(client, 100_000)).GetHarborInfo();

        info.MaxOutputTokensLowered.Should().BeTrue();
    }

    [Fact]
    public async Task What_is_not_used_goes_back_at_the_next_beats()
    {
        await using FastClient one = Client(Money.FromUsd(0.01m));
        await using FastClient two = Client(Money.FromUsd(0.01m));
        await AskAsync(one, 800);
        _store.Leased.Should().BeGreaterThan(CallCost);

        _time.Advance(Beat * 3);

        _store.Leased.Should().Be(CallCost);
        _store.Spent.Should().Be(CallCost);
        await AskAsync(two, 800);
        int claims = _store.Claims;
        _time.Advance(Beat * 3);
        int atRest = _store.Claims;
        _time.Advance(Beat * 30);
        _store.Claims.Should().Be(atRest).And.BeGreaterThan(claims, "who has nothing to tell says nothing");
    }

    [Fact]
    public async Task A_client_that_is_disposed_gives_back_what_it_has_not_spent()
    {
        FastClient client = Client(Money.FromUsd(1));
        await AskAsync(client, 10_000);

        await client.DisposeAsync();

        _store.Leased.Should().Be(CallCost);
        _store.Spent.Should().Be(CallCost);
    }

    [Fact]
    public async Task A_client_that_is_disposed_with_calls_under_way_settles_them_first()
    {
        _provider.Otherwise(EmulatedReply.Answer("hello").Usage(10, 5).DelayBeforeHeaders(TimeSpan.FromHours(1)));
        FastClient client = Client(Money.FromUsd(1));
        Task<ChatResponse> call = AskAsync(client, 10_000);
        await _provider.AttemptReceived(1).Guarded();

        await client.DisposeAsync().AsTask().Guarded();

        await FluentActions.Awaiting(() => call.Guarded()).Should().ThrowAsync<Exception>();
        _store.Leased.Should().Be(_store.Spent);
    }

    [Fact]
    public async Task What_a_dead_process_held_counts_as_spent_until_it_is_heard_of_again_and_others_can_spend_the_rest()
    {
        var dying = new DyingStore(_store);
        await using FastClient survivor = Client(Money.FromUsd(1));
        await using FastClient dead = Client(Money.FromUsd(1), store: dying);
        await AskAsync(dead, 10_000);
        long held = _store.Leased;
        dying.IsDead = true;
        held.Should().BeInRange(100_000_000, 150_000_000, "what one call reserved, and a slice");

        _time.Advance(TimeSpan.FromSeconds(31));
        for (int i = 0; i < 3; i++) await AskAsync(survivor, 10_000);
        _time.Advance(Beat);

        BudgetStatus status = survivor.Costs.Budgets[0];
        status.Spent.NanoUsd.Should().Be(held + (3 * CallCost));
        status.Reserved.Should().Be(Money.Zero);
        dying.IsDead = false;
        _time.Advance(Beat * 2);
        await AskAsync(survivor, 10_000);
        _time.Advance(Beat);
        survivor.Costs.Budgets[0].Spent.NanoUsd.Should().Be(5 * CallCost);
    }

    [Fact]
    public async Task Each_tenant_has_an_account_of_its_own_and_all_processes_the_same()
    {
        await using FastClient one = Client(Money.FromUsd(0.01m), options: budget => budget.Each = BudgetEach.Tenant);
        await using FastClient two = Client(Money.FromUsd(0.01m), options: budget => budget.Each = BudgetEach.Tenant);
        string lengthy = new('x', 5_000);

        foreach (FastClient client in new[] { one, two })
        {
            await client.GetResponseAsync("hi", new HarborChatOptions { ModelId = "openai/gpt-4o", Tenant = "a", MaxOutputTokens = 100 });
            await client.GetResponseAsync("hi", new HarborChatOptions { ModelId = "openai/gpt-4o", Tenant = lengthy, MaxOutputTokens = 100 });
        }

        _store.Accounts.Should().HaveCount(2).And.OnlyContain(account => account.Length <= 400);
    }

    [Fact]
    public async Task A_new_window_begins_for_all_with_nothing_spent()
    {
        await using FastClient client = Client(Money.FromUsd(0.0108m), options: budget => budget.Window = BudgetWindow.CalendarDay(TimeZoneInfo.Utc));
        _provider.Otherwise(EmulatedReply.Answer("hello").Usage(10, 1_000));
        await AskAsync(client, 1_000);
        Func<Task> again = () => AskAsync(client, 1_000);
        BudgetExceededException error = (await again.Should().ThrowAsync<BudgetExceededException>()).Which;

        _time.Advance(error.ResetsAt!.Value - _time.GetUtcNow());

        await again.Should().NotThrowAsync();
        client.Costs.Budgets[0].Spent.Should().Be(new Money(10_025_000));
        _store.Accounts.Should().HaveCount(2);
    }

    [Fact]
    public async Task What_the_ledger_says_was_spent_is_not_counted_again()
    {
        var ledger = new ListLedger();
        ledger.Append(ListLedger.Entry(_time.GetUtcNow(), 0.5m));
        _time.Advance(TimeSpan.FromSeconds(1));
        await using FastClient client = TestClients.OpenAI(_provider, _time, configure: h => h.UseLedgerStore((_, _) => ledger).UseBudgetStore(_store).AddBudget("team", Money.FromUsd(1)));

        await AskAsync(client, 100);

        ledger.Reads.Should().Be(0);
        client.Costs.Budgets[0].Spent.Should().Be(new Money(CallCost));
    }

    [Fact]
    public async Task Of_two_processes_one_tells_of_a_threshold()
    {
        var told = new List<double?>();
        _provider.Otherwise(EmulatedReply.Answer("hello").Usage(0, 1_000));
        await using FastClient one = Client(Money.FromUsd(0.1m), options: budget => budget.IsHard = false);
        await using FastClient two = Client(Money.FromUsd(0.1m), options: budget => budget.IsHard = false);
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (FastClient client in new[] { one, two })
        {
            client.Costs.Alert += (_, alert) =>
            {
                lock (told)
                {
                    told.Add(alert.Threshold);
                    if (alert.Threshold == 0.9) last.TrySetResult();
                }
            };
        }

        for (int i = 0; i < 5; i++)
        {
            await AskAsync(one, 1_000);
            await AskAsync(two, 1_000);
            _time.Advance(Beat);
            _time.Advance(Beat);
        }

        // A report that passes several tells of the highest.
        await last.Task.Guarded();
        lock (told) told.Should().OnlyHaveUniqueItems().And.Contain(0.9);
        _store.Spent.Should().Be(Money.FromUsd(0.1m).NanoUsd);
    }

    [Fact]
    public async Task Callers_of_several_processes_never_spend_more_than_the_cap_however_often_the_store_fails()
    {
        long paid = 0;
        int attempts = 0;
        var provider = new ProviderEmulator().Respond(attempt =>
        {
            int most = attempt.BodyJson!.Value.GetProperty("max_completion_tokens").GetInt32();
            Interlocked.Add(ref paid, (100 * 2_500L) + (most * 10_000L));
            _store.LosesAnswers = Interlocked.Increment(ref attempts) % 3 == 0;
            return EmulatedReply.Answer("hello").Usage(100, most).FinishReason("length");
        });
        FastClient[] clients = [.. Enumerable.Range(0, 8).Select(_ => TestClients.OpenAI(
            provider, _time, PerformanceMode.Fast, h => h.AddBudget("team", Money.FromUsd(1)).UseBudgetStore(_store, sharing => sharing.Outage = BudgetOutagePolicy.ContinueOnLease)))];

        for (int round = 0; round < 30; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 64).Select(caller => TryAsync(clients[caller % 8], 2_000 + (500 * (caller % 7))))).Guarded();
            _store.LosesAnswers = false;
            _time.Advance(Beat);
        }

        paid.Should().BeInRange(900_000_000, 1_000_000_000);
        foreach (FastClient client in clients) await client.DisposeAsync();
        _store.Leased.Should().Be(paid, "nothing is stranded");
        _store.Spent.Should().Be(paid);
    }

    private static async Task TryAsync(FastClient client, int tokens)
    {
        try
        {
            await AskAsync(client, tokens);
        }
        catch (HarborException e) when (e.Kind == ErrorKind.Budget)
        {
            // No room, or the store has just failed.
        }
    }

    private static Task<ChatResponse> AskAsync(FastClient client, int tokens) => client.GetResponseAsync("hi", new ChatOptions { ModelId = "openai/gpt-4o", MaxOutputTokens = tokens });

    private FastClient Client(Money limit, PerformanceMode mode = PerformanceMode.Balanced, Action<BudgetOptions>? options = null, IBudgetStore? store = null) =>
        TestClients.OpenAI(_provider, _time, mode, h => h.AddBudget("team", limit, options).UseBudgetStore(store ?? _store));

    // The store as one process sees it, until it is killed.
    private sealed class DyingStore(MemoryBudgetStore store) : IBudgetStore
    {
        public bool IsDead { get; set; }

        public ValueTask<BudgetLease> RenewAsync(BudgetClaim claim, CancellationToken cancellationToken) =>
            IsDead ? ValueTask.FromException<BudgetLease>(new IOException("Nobody is there.")) : store.RenewAsync(claim, cancellationToken);
    }
}
