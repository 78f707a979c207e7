using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Limits;

// Several clients play several processes that share limits per caller through one exchange. What fails there never fails a call.
public sealed class SharedCallerLimitTests : CallerCalls
{
    private readonly MemoryExchange _exchange;

    public SharedCallerLimitTests() => _exchange = new MemoryExchange(Time);

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Two_processes_share_a_rate(PerformanceMode mode, bool isStreaming)
    {
        await using FastClient one = Shared(limits => limits.PerTenant.RequestsPerMinute = 4, mode);
        await using FastClient two = Shared(limits => limits.PerTenant.RequestsPerMinute = 4, mode);
        for (int i = 0; i < 2; i++)
        {
            await AskAsync(one, By(null, "acme"), isStreaming);
            await AskAsync(two, By(null, "acme"), isStreaming);
        }

        HarborException refusal = await RefusedAsync(one, By(null, "acme"), isStreaming);

        refusal.Message.Should().Contain("CallerLimits.PerTenant.RequestsPerMinute");
        refusal.RetryAfter.Should().Be(TimeSpan.FromSeconds(15));
        await AskAsync(two, By(null, "other"), isStreaming);
        Time.Advance(TimeSpan.FromSeconds(15));
        await AskAsync(one, By(null, "acme"), isStreaming);
        await RefusedAsync(two, By(null, "acme"), isStreaming);
        (one.Outstanding(), two.Outstanding()).Should().Be((Outstanding.None, Outstanding.None));
    }

    [Fact]
    public async Task Tokens_are_settled_for_all_processes()
    {
        Provider.ThenReply(EmulatedReply.Answer("ok").Usage(500, 400));
        await using FastClient one = Shared(limits => limits.PerUser.TokensPerMinute = 1_000);
        await using FastClient two = Shared(limits => limits.PerUser.TokensPerMinute = 1_000);

        await AskAsync(one, By("alice", maxOutputTokens: 10));

        await RefusedAsync(two, By("alice", maxOutputTokens: 200));
        await AskAsync(two, By("alice", maxOutputTokens: 50));
    }

    [Fact]
    public async Task Places_are_shared_and_come_back()
    {
        Provider.ThenReply(EmulatedReply.Answer("one").DelayBeforeHeaders(TimeSpan.FromSeconds(1)));
        await using FastClient one = Shared(limits => limits.PerUser.InFlight = 1);
        await using FastClient two = Shared(limits => limits.PerUser.InFlight = 1);
        Task<string> running = AskAsync(one, By("alice"));
        await Provider.AttemptReceived(1);

        HarborException refusal = await RefusedAsync(two, By("alice"));
        refusal.Message.Should().Contain("CallerLimits.PerUser.InFlight");
        refusal.RetryAfter.Should().BePositive();

        Time.Advance(TimeSpan.FromSeconds(1));
        await running;
        await AskAsync(two, By("alice"));
        _exchange.Slots.Should().Be(0);
    }

    [Fact]
    public async Task What_the_tenant_is_refused_is_given_back_to_the_user_everywhere()
    {
        static void Limit(CallerLimitOptions limits) => (limits.PerUser.RequestsPerMinute, limits.PerUser.InFlight, limits.PerTenant.RequestsPerMinute) = (2, 1, 1);
        await using FastClient one = Shared(Limit);
        await using FastClient two = Shared(Limit);
        await AskAsync(one, By("alice", "acme"));

        for (int i = 0; i < 5; i++) (await RefusedAsync(two, By("alice", "acme"))).Message.Should().Contain("PerTenant");

        _exchange.Slots.Should().Be(0);
        await AskAsync(two, By("alice", "other"));
        two.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_place_of_a_long_call_is_renewed_and_one_of_a_dead_process_expires()
    {
        Provider.ThenAnswer(["one ", "two"], reply => reply.DelayBetweenUpdates(TimeSpan.FromMinutes(2)));
        await using FastClient one = Shared(limits => limits.PerUser.InFlight = 1, more: builder => builder.UseClocks(clocks => clocks.IdleTimeout = TimeSpan.FromMinutes(5)));
        IAsyncEnumerator<string> stream = one.StreamTextAsync("hi", By("alice")).GetAsyncEnumerator();
        await stream.MoveNextAsync();

        for (int i = 0; i < 40; i++) Time.Advance(TimeSpan.FromSeconds(2));
        _exchange.Slots.Should().Be(1, "the process lives");
        _exchange.Renewals.Should().BeInRange(6, 9, "every ten seconds is enough");

        // As in a crash: nobody renews it any more.
        _exchange.Failure = new InvalidOperationException("no way to reach it");
        Time.Advance(TimeSpan.FromSeconds(31));
        _exchange.Slots.Should().Be(0);
        await stream.DisposeAsync();
        one.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task An_exchange_that_fails_fails_no_call_and_is_said_once(PerformanceMode mode, bool isStreaming)
    {
        using var logs = new ListLoggerFactory();
        await using FastClient client = Shared(limits => (limits.PerUser.RequestsPerMinute, limits.PerUser.InFlight) = (8, 4), mode, builder => builder.UseLoggerFactory(logs));
        _exchange.Failure = new InvalidOperationException("the store is down");

        for (int i = 0; i < 4; i++) await AskAsync(client, By("alice"), isStreaming);
        int asked = _exchange.Takes;
        Time.Advance(TimeSpan.FromSeconds(2));
        for (int i = 0; i < 4; i++) await AskAsync(client, By("alice"), isStreaming);

        asked.Should().Be(1, "after a failure nobody asks for two seconds");
        _exchange.Takes.Should().BeInRange(1, 2, "the next to ask after two seconds may be a call or the loop");
        logs.Lines.Should().ContainSingle(line => line.StartsWith("Warning 60", StringComparison.Ordinal));
        await RefusedAsync(client, By("alice"), isStreaming);

        _exchange.Failure = null;
        Time.Advance(TimeSpan.FromMinutes(1));
        await AskAsync(client, By("alice"), isStreaming);
        logs.Lines.Should().ContainSingle(line => line.StartsWith("Information 61", StringComparison.Ordinal));
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_exchange_that_does_not_answer_costs_a_call_fifty_milliseconds(PerformanceMode mode)
    {
        await using FastClient client = Shared(limits => limits.PerUser.RequestsPerMinute = 8, mode);
        _exchange.IsSilent = true;

        Task<string> slow = AskAsync(client, By("alice"));
        await Time.TimerSet(TimeSpan.FromMilliseconds(50));
        Time.Advance(TimeSpan.FromMilliseconds(50));

        (await slow).Should().Be("alive and well");
        (await AskAsync(client, By("alice"))).Should().Be("alive and well");
        _exchange.Takes.Should().Be(1);
    }

    [Fact]
    public async Task Calls_of_nobody_ask_nobody()
    {
        await using FastClient client = Shared(limits => limits.PerUser.RequestsPerMinute = 1);

        await AskAsync(client, By(null, "acme"));
        await AskAsync(client, new HarborChatOptions());

        _exchange.Takes.Should().Be(0);
    }

    [Fact]
    public async Task An_exchange_that_was_handed_in_stays_and_one_that_the_client_made_goes_with_it()
    {
        var handedIn = new DisposableExchange(new MemoryExchange(Time));
        var made = new DisposableExchange(new MemoryExchange(Time));
        await using (Client(limits => limits.PerUser.InFlight = 1, more: builder => builder.UseLimitExchange(handedIn)))
        await using (Client(limits => limits.PerUser.InFlight = 1, more: builder => builder.UseLimitExchange(() => made)))
        {
            made.IsDisposed.Should().BeFalse();
        }

        handedIn.IsDisposed.Should().BeFalse();
        made.IsDisposed.Should().BeTrue();
        Time.PendingTimers.Should().Be(0, "the loop has stopped");
    }

    [Fact]
    public void A_function_that_makes_no_exchange_is_an_error_of_configuration()
    {
        Action build = () => Client(_ => { }, more: builder => builder.UseLimitExchange(() => null!)).Dispose();

        build.Should().Throw<HarborException>().WithMessage("*UseLimitExchange*").Which.Kind.Should().Be(ErrorKind.Configuration);
    }

    private FastClient Shared(Action<CallerLimitOptions> limits, PerformanceMode mode = PerformanceMode.Balanced, Action<HarborBuilder>? more = null) =>
        Client(limits, mode, builder =>
        {
            builder.UseLimitExchange(_exchange);
            more?.Invoke(builder);
        });

    private sealed class DisposableExchange(ILimitExchange inner) : ILimitExchange, IDisposable
    {
        public bool IsDisposed { get; private set; }

        public ValueTask<LimitTaken> TakeAsync(string owner, IReadOnlyList<BucketAmount> amounts, LimitSlot? slot, CancellationToken cancellationToken) => inner.TakeAsync(owner, amounts, slot, cancellationToken);

        public ValueTask<IReadOnlyList<long>> SettleAsync(string owner, IReadOnlyList<BucketAmount> corrections, string? slotId, CancellationToken cancellationToken) =>
            inner.SettleAsync(owner, corrections, slotId, cancellationToken);

        public ValueTask RenewAsync(string owner, IReadOnlyList<string> slotIds, TimeSpan lifetime, CancellationToken cancellationToken) => inner.RenewAsync(owner, slotIds, lifetime, cancellationToken);

        public ValueTask<LimitShare> ExchangeAsync(string owner, string process, LimitShare own, TimeSpan lifetime, CancellationToken cancellationToken) =>
            inner.ExchangeAsync(owner, process, own, lifetime, cancellationToken);

        public void Dispose() => IsDisposed = true;
    }
}
