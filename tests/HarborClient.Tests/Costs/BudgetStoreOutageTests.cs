using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// What calls do while the store of shared budgets does not answer, and what cannot be shared.
public sealed class BudgetStoreOutageTests : IDisposable
{
    private const int Failed = 110;
    private const int IsBack = 111;

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    private readonly ManualTimeProvider _time = new();
    private readonly RecordedLogs _logs = new();
    private readonly MemoryBudgetStore _store;
    private readonly ProviderEmulator _provider;

    public BudgetStoreOutageTests()
    {
        _store = new MemoryBudgetStore(_time);
        _provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("hello").Usage(10, 5));
    }

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task By_default_a_hard_budget_refuses_until_the_store_answers_again()
    {
        await using FastClient client = Client();
        await AskAsync(client);
        _store.Failure = new IOException("The network is gone.");
        _time.Advance(Beat);

        Func<Task> call = () => AskAsync(client);

        HarborException error = (await call.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.Budget);
        error.Message.Should().Contain("'team'").And.Contain("memory (UseMemoryBudgets)").And.Contain("BudgetSharing.Outage");
        int claims = _store.Claims;
        for (int i = 0; i < 100; i++) await call.Should().ThrowAsync<HarborException>();
        _store.Claims.Should().Be(claims, "a store that has just failed is left in peace");
        _provider.Attempts.Should().HaveCount(1);

        _store.Failure = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        await call.Should().NotThrowAsync();
        _logs.Of(Failed).Should().ContainSingle().Which.Message.Should().Contain("Refuse");
        _logs.Of(IsBack).Should().ContainSingle();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task What_is_leased_can_be_spent_until_the_lease_ends_where_that_is_set()
    {
        await using FastClient client = Client(sharing => (sharing.Outage, sharing.LeaseTime) = (BudgetOutagePolicy.ContinueOnLease, TimeSpan.FromSeconds(60)));
        await AskAsync(client);
        _store.Failure = new IOException("The network is gone.");
        Func<Task> call = () => AskAsync(client);

        for (int i = 0; i < 6; i++)
        {
            await call.Should().NotThrowAsync();
            _time.Advance(TimeSpan.FromSeconds(9));
        }

        _time.Advance(TimeSpan.FromSeconds(6));
        (await call.Should().ThrowAsync<HarborException>()).Which.Message.Should().Contain("does not answer");
        _logs.Of(Failed).Should().ContainSingle();
    }

    [Fact]
    public async Task The_process_keeps_the_limit_by_itself_where_that_is_set()
    {
        _store.Failure = new IOException("The network is gone.");
        long paid = 0;
        _provider.Respond(attempt =>
        {
            int most = attempt.BodyJson!.Value.GetProperty("max_completion_tokens").GetInt32();
            paid += (10 * 2_500L) + (most * 10_000L);
            return EmulatedReply.Answer("hello").Usage(10, most);
        });
        await using FastClient client = Client(sharing => sharing.Outage = BudgetOutagePolicy.Open, Money.FromUsd(0.025m));
        Func<Task> calls = async () =>
        {
            for (int i = 0; i < 10; i++) await AskAsync(client, 1_000);
        };

        await calls.Should().ThrowAsync<BudgetExceededException>();

        paid.Should().BeInRange(20_000_000, 25_000_000);
        _store.Spent.Should().Be(0);

        // The store takes what was spent meanwhile, whatever it had granted.
        _store.Failure = null;
        _time.Advance(Beat);
        _store.Spent.Should().Be(paid);
    }

    [Fact]
    public async Task A_store_that_says_nothing_holds_a_call_up_for_as_long_as_is_set()
    {
        _store.IsSilent = true;
        await using FastClient client = Client(sharing => sharing.MaximumWait = TimeSpan.FromMilliseconds(300));

        Task<ChatResponse> call = AskAsync(client);
        try
        {
            await _time.AdvanceUntil(call, TimeSpan.FromMilliseconds(300)).Guarded();
        }
        finally
        {
            _store.IsSilent = false;
        }

        await FluentActions.Awaiting(() => call).Should().ThrowAsync<HarborException>();
        _provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
        _store.IsSilent = false;
    }

    [Fact]
    public async Task Who_waits_for_the_store_can_leave()
    {
        _store.IsSilent = true;
        await using FastClient client = Client();
        using var cancel = new CancellationTokenSource();

        Task<ChatResponse> call = client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 100 }, cancel.Token);
        await cancel.CancelAsync();

        (await FluentActions.Awaiting(() => call.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(cancel.Token);
        client.Outstanding().Should().Be(Outstanding.None);
        client.Costs.Budgets.Sum(status => status.Reserved.NanoUsd).Should().Be(0);
        _store.IsSilent = false;
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_call_whose_deadline_is_sooner_does_not_wait_longer()
    {
        _store.IsSilent = true;
        await using FastClient client = Client();

        Task<ChatResponse> call = client.GetResponseAsync("hi", new HarborChatOptions { MaxOutputTokens = 100, TotalTimeout = TimeSpan.FromMilliseconds(200) });
        await _time.AdvanceUntil(call, TimeSpan.FromMilliseconds(200));

        (await FluentActions.Awaiting(() => call).Should().ThrowAsync<HarborTimeoutException>()).Which.Clock.Should().Be(HarborClock.Total);
        _store.IsSilent = false;
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_soft_budget_never_waits_and_tells_what_it_has_spent_when_the_store_is_back()
    {
        _store.IsSilent = true;
        await using FastClient client = Client(budget: soft => soft.IsHard = false);

        for (int i = 0; i < 10; i++) await AskAsync(client).Guarded();

        client.Costs.Budgets[0].Spent.Should().Be(new Money(750_000));
        await _time.TimerSet(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        await _logs.Logged(Failed);
        _store.IsSilent = false;
        _time.Advance(Beat);
        await _logs.Logged(IsBack);
        _store.Spent.Should().Be(750_000);
    }

    [Fact]
    public async Task An_answer_that_is_none_is_a_failure()
    {
        await using FastClient client = TestClients.OpenAI(_provider, _time, configure: h => h.AddBudget("team", Money.FromUsd(1)).UseLoggerFactory(_logs).UseBudgetStore(new OddStore()));

        Func<Task> call = () => AskAsync(client);

        await call.Should().ThrowAsync<HarborException>();
        _logs.Of(Failed).Should().ContainSingle();
    }

    [Fact]
    public void A_rolling_window_cannot_be_shared()
    {
        Func<FastClient> build = () => Client(budget: options => options.Window = BudgetWindow.Rolling(TimeSpan.FromHours(1)));

        build.Should().Throw<HarborException>().Where(e => e.Kind == ErrorKind.Configuration).WithMessage("*Budgets.team.Window*");
    }

    [Fact]
    public void A_limit_above_nine_million_cannot_be_shared()
    {
        Func<FastClient> build = () => Client(limit: Money.FromUsd(9_000_001));

        build.Should().Throw<HarborException>().Where(e => e.Kind == ErrorKind.Configuration).WithMessage("*'team'*");
    }

    [Fact]
    public void Settings_out_of_their_bounds_are_named()
    {
        (Action<BudgetSharingOptions> Set, string Name)[] wrong =
        [
            (sharing => sharing.LeaseTime = TimeSpan.FromSeconds(1), "BudgetSharing.LeaseTime"),
            (sharing => sharing.LeaseTime = TimeSpan.FromHours(1), "BudgetSharing.LeaseTime"),
            (sharing => sharing.MaximumWait = TimeSpan.Zero, "BudgetSharing.MaximumWait"),
            (sharing => sharing.MaximumWait = TimeSpan.FromMinutes(1), "BudgetSharing.MaximumWait"),
            (sharing => sharing.Outage = (BudgetOutagePolicy)7, "BudgetSharing.Outage"),
        ];
        foreach ((Action<BudgetSharingOptions> set, string name) in wrong)
        {
            Func<FastClient> build = () => Client(set);
            build.Should().Throw<HarborException>().Where(e => e.Kind == ErrorKind.Configuration).WithMessage($"*{name}*");
        }

        Func<FastClient> none = () => TestClients.OpenAI(_provider, _time, configure: h => h.UseBudgetStore(() => null!));
        none.Should().Throw<HarborException>().WithMessage("*UseBudgetStore*");
    }

    [Fact]
    public async Task A_store_that_the_client_has_made_is_disposed_with_it()
    {
        var store = new OwnedStore();
        await using (TestClients.OpenAI(_provider, _time, configure: h => h.UseBudgetStore(() => store)))
        {
            store.IsDisposed.Should().BeFalse();
        }

        store.IsDisposed.Should().BeTrue();
    }

    private static Task<ChatResponse> AskAsync(FastClient client, int tokens = 100) => client.GetResponseAsync("hi", new ChatOptions { ModelId = "openai/gpt-4o", MaxOutputTokens = tokens });

    private FastClient Client(Action<BudgetSharingOptions>? sharing = null, Money? limit = null, Action<BudgetOptions>? budget = null) =>
        TestClients.OpenAI(_provider, _time, configure: h => h.AddBudget("team", limit ?? Money.FromUsd(1), budget).UseLoggerFactory(_logs).UseBudgetStore(_store, sharing));

    // Grants less than what is spent already.
    private sealed class OddStore : IBudgetStore
    {
        public ValueTask<BudgetLease> RenewAsync(BudgetClaim claim, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new BudgetLease(claim.Kept - new Money(1), claim.Kept, claim.Spent, claim.Spent));
    }

    private sealed class OwnedStore : IBudgetStore, IDisposable
    {
        public bool IsDisposed { get; private set; }

        public ValueTask<BudgetLease> RenewAsync(BudgetClaim claim, CancellationToken cancellationToken) => throw new NotSupportedException();

        public void Dispose() => IsDisposed = true;
    }
}
