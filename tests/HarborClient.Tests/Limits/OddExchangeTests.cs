using HarborClient.Testing;

namespace HarborClient.Tests.Limits;

// An exchange that answers nonsense: it costs nobody a call, opens no limit and stops no loop.
public sealed class OddExchangeTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(double.NaN, 0)]
    [InlineData(10, double.NaN)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity, -5)]
    public async Task What_is_no_number_does_not_become_a_limit(double limit, double maximum)
    {
        var exchange = new OddExchange { Share = new LimitShare(limit, maximum, 3) };
        await using FastClient client = ClientOver(exchange, new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine")));
        await client.GetResponseAsync("hi");

        for (int beat = 0; beat < 5; beat++) _time.Advance(TimeSpan.FromSeconds(2));

        client.Health.Targets.Should().OnlyContain(target => target.MaximumInFlight >= 1 && target.MaximumInFlight <= 200);
        exchange.Exchanges.Should().BeGreaterThan(3);
    }

    [Fact]
    public async Task An_answer_that_is_missing_does_not_stop_the_sharing()
    {
        var exchange = new OddExchange { Left = null };
        await using FastClient client = ClientOver(exchange, new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine")));

        (await client.GetResponseAsync("hi")).Text.Should().Be("fine");
        for (int beat = 0; beat < 5; beat++) _time.Advance(TimeSpan.FromSeconds(2));

        exchange.Exchanges.Should().BeGreaterThan(3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    public async Task A_refusal_by_nobody_known_is_a_refusal_and_leaks_nothing(int refusedBy)
    {
        var exchange = new OddExchange { Taken = LimitTaken.Refused(refusedBy, TimeSpan.FromSeconds(-3)) };
        await using FastClient client = ClientOver(exchange, new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine")));

        for (int i = 0; i < 3; i++)
        {
            Func<Task> call = () => client.GetResponseAsync("hi", new HarborChatOptions { User = "u" });
            (await call.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.RateLimited);
        }

        exchange.Taken = LimitTaken.Taken;
        (await client.GetResponseAsync("hi", new HarborChatOptions { User = "u" })).Text.Should().Be("fine");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private FastClient ClientOver(ILimitExchange exchange, ProviderEmulator host) => TestClients.OpenAI(
        host,
        _time,
        configure: builder => builder.UseLimitExchange(exchange).UseCallerLimits(limits => limits.PerUser.RequestsPerMinute = 100),
        options: openAI => openAI.Limits.RequestsPerMinute = 1000);

    private sealed class OddExchange : ILimitExchange
    {
        public LimitShare Share { get; set; } = new(8, 8);

        public IReadOnlyList<long>? Left { get; set; } = [];

        public LimitTaken Taken { get; set; } = LimitTaken.Taken;

        public int Exchanges { get; private set; }

        public ValueTask<LimitTaken> TakeAsync(string owner, IReadOnlyList<BucketAmount> amounts, LimitSlot? slot, CancellationToken cancellationToken) => new(Taken);

        public ValueTask<IReadOnlyList<long>> SettleAsync(string owner, IReadOnlyList<BucketAmount> corrections, string? slotId, CancellationToken cancellationToken) => new(Left!);

        public ValueTask RenewAsync(string owner, IReadOnlyList<string> slotIds, TimeSpan lifetime, CancellationToken cancellationToken) => default;

        public ValueTask<LimitShare> ExchangeAsync(string owner, string process, LimitShare own, TimeSpan lifetime, CancellationToken cancellationToken)
        {
            Exchanges++;
            return new(Share);
        }
    }
}
