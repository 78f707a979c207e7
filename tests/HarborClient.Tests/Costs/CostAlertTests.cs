using System.Threading.Channels;
using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// What somebody should know of money is told once, and nobody who calls waits for it.
public sealed class CostAlertTests : IDisposable
{
    // A Wednesday.
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 11, 25, 12, 30, 0, TimeSpan.Zero));
    private readonly ListLedger _ledger = new();
    private readonly RecordedLogs _logs = new();
    private readonly Channel<CostAlert> _alerts = Channel.CreateUnbounded<CostAlert>();
    private readonly ProviderEmulator _provider;

    public CostAlertTests() => _provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("hello").Usage(10, 5));

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task A_model_without_a_price_is_told_at_its_first_use_only()
    {
        await using FastClient client = Client(null);

        for (int i = 0; i < 3; i++) await client.GetResponseAsync("hi", new ChatOptions { ModelId = "openai/gpt-unheard-of" });
        await client.GetResponseAsync("hi");
        await client.GetResponseAsync("hi", new ChatOptions { ModelId = "openai/gpt-unheard-of-too" });

        CostAlert[] told = [await NextAsync(), await NextAsync()];
        told.Should().OnlyContain(alert => alert.Kind == CostAlertKind.UnpricedModel && alert.Message.Contains("UsePrices"));
        told.Select(alert => alert.Model).Should().Equal("openai/gpt-unheard-of", "openai/gpt-unheard-of-too");
        _logs.Of(82).Should().HaveCount(2);
    }

    [Fact]
    public async Task A_host_of_ones_own_needs_no_price()
    {
        await using FastClient client = TestClients.Local(_provider, _time, configure: h => h.UseLoggerFactory(_logs));

        await client.GetResponseAsync("hi");

        _logs.Of(82).Should().BeEmpty();
    }

    [Theory]
    [InlineData("10", true)]
    [InlineData("10.000001", false)]
    [InlineData(null, false)]
    public async Task A_model_whose_output_costs_as_much_as_is_set_is_told_once(string? from, bool isTold)
    {
        decimal? most = from is null ? null : decimal.Parse(from, System.Globalization.CultureInfo.InvariantCulture);
        await using FastClient client = Client(alerts => alerts.ExpensiveFrom = most);

        // gpt-4o costs 10 USD for a million tokens of output, gpt-4o-mini 0.60.
        for (int i = 0; i < 2; i++) await client.GetResponseAsync("hi", new ChatOptions { ModelId = "openai/gpt-4o" });
        await client.GetResponseAsync("hi");

        _logs.Of(82).Should().HaveCount(isTold ? 1 : 0);
        if (!isTold) return;
        CostAlert alert = await NextAsync();
        alert.Kind.Should().Be(CostAlertKind.ExpensiveModel);
        alert.Model.Should().Be("openai/gpt-4o");
    }

    [Fact]
    public async Task An_hour_of_more_than_three_times_the_same_hour_of_the_days_before_is_told_as_it_is_over()
    {
        for (int day = 1; day <= 7; day++)
        {
            Spend(-day, 12, 1);
            Spend(-day, 13, 1);
            Spend(-day, 14, 0.1m);
        }

        // Just not three times; then more; then ten times of little.
        Spend(0, 12, 2.99m);
        Spend(0, 13, 3.01m);
        Spend(0, 14, 0.99m);
        Spend(0, 15, 50);
        await using FastClient client = Client(_ => { });
        for (int hour = 0; hour < 6; hour++)
        {
            await client.GetResponseAsync("hi");
            _time.Advance(TimeSpan.FromHours(1));
        }

        CostAlert first = await NextAsync();
        first.Kind.Should().Be(CostAlertKind.UnusualSpend);
        first.Message.Should().Contain("2026-11-25 13:00 UTC").And.Contain("($1.00)");
        (await NextAsync()).Message.Should().Contain("2026-11-25 15:00 UTC", "an hour in which nothing was spent before is unusual too, and 14:00 is below the floor");
        await client.DisposeAsync();
        _alerts.Reader.TryRead(out _).Should().BeFalse();
    }

    [Fact]
    public async Task What_can_be_unusual_has_a_floor_that_can_be_set()
    {
        for (int day = 1; day <= 7; day++) Spend(-day, 12, 1);
        Spend(0, 12, 99);
        Spend(0, 13, 101);
        await using FastClient client = Client(alerts => alerts.UnusualFrom = 100);

        await RollAsync(client, 3);

        (await NextAsync()).Message.Should().Contain("13:00 UTC");
    }

    [Fact]
    public async Task A_service_that_is_new_has_no_usual_hours()
    {
        for (int day = 1; day <= 2; day++) Spend(-day, 12, 1);
        Spend(0, 12, 99);
        await using FastClient client = Client(_ => { });

        await RollAsync(client, 3);
        await client.DisposeAsync();

        _logs.Of(82).Should().BeEmpty();
    }

    [Fact]
    public async Task A_week_of_more_than_twice_the_mean_of_four_is_told_once()
    {
        // A dollar a day: seven each week. This week it is fifteen, on Monday.
        for (int day = 3; day <= 31; day++) Spend(-day, 13, 1);
        Spend(-2, 3, 15);
        Spend(-1, 13, 1);
        Spend(0, 13, 3.5m);
        await using FastClient client = Client(_ => { });

        await RollAsync(client, 4);

        string[] told = [(await NextAsync()).Message, (await NextAsync()).Message];
        told.Should().ContainSingle(message => message.Contains("The week from 2026-11-23", StringComparison.Ordinal) && message.Contains("($7.00)", StringComparison.Ordinal));
        told.Should().ContainSingle(message => message.Contains("The hour from 2026-11-25 13:00", StringComparison.Ordinal));
        await client.DisposeAsync();
        _logs.Of(82).Should().HaveCount(2);
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_read_holds_up_no_call_and_is_read_again()
    {
        for (int day = 1; day <= 7; day++)
        {
            Spend(-day, 12, 1);
            Spend(-day, 13, 1);
        }

        Spend(0, 12, 40);
        Spend(0, 13, 50);
        _ledger.Failure = new IOException("The disk is gone.");
        await using FastClient client = Client(_ => { });
        await RollAsync(client, 2);
        await _logs.Logged(92);

        _ledger.Failure = null;
        await RollAsync(client, 1);

        (await NextAsync()).Message.Should().Contain("12:00 UTC", "it was over while the ledger could not be read");
        (await NextAsync()).Message.Should().Contain("13:00 UTC");
    }

    [Theory]
    [InlineData("http://example.com/hook", "0123456789abcdef", "Alerts.Webhook must be")]
    [InlineData("https://ann:secret@example.com/hook", "0123456789abcdef", "Alerts.Webhook must be")]
    [InlineData("https://example.com/hook", "0123456789abcde", "Alerts.WebhookSecret must have at least 16")]
    [InlineData("https://example.com/hook", null, "Alerts.WebhookSecret must have at least 16")]
    public void A_webhook_needs_a_safe_address_and_a_secret(string address, string? secret, string said) => FluentActions.Invoking(() => Client(alerts => (alerts.Webhook, alerts.WebhookSecret) = (new Uri(address), secret)))
        .Should().Throw<HarborException>().Where(e => e.Kind == ErrorKind.Configuration && e.Message.Contains(said));

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_001)]
    public void Amounts_out_of_their_bounds_are_said(int usd)
    {
        FluentActions.Invoking(() => Client(alerts => alerts.ExpensiveFrom = usd)).Should().Throw<HarborException>().WithMessage("Alerts.ExpensiveFrom must be 0 to 1,000,000*");
        FluentActions.Invoking(() => Client(alerts => alerts.UnusualFrom = usd)).Should().Throw<HarborException>().WithMessage("Alerts.UnusualFrom must be 0 to 1,000,000*");
    }

    private void Spend(int day, int hour, decimal usd) => _ledger.Append(ListLedger.Entry(new DateTimeOffset(2026, 11, 25, hour, 10, 0, TimeSpan.Zero).AddDays(day), usd));

    // A call in each of so many hours, from the present one on.
    private async Task RollAsync(FastClient client, int hours)
    {
        for (int i = 0; i < hours; i++)
        {
            await client.GetResponseAsync("hi");
            _time.Advance(TimeSpan.FromHours(1));
        }
    }

    private async Task<CostAlert> NextAsync() => await _alerts.Reader.ReadAsync().Guarded();

    private FastClient Client(Action<AlertOptions>? alerts)
    {
        FastClient client = TestClients.OpenAI(_provider, _time, configure: h =>
        {
            h.UseLedgerStore((_, _) => _ledger).UseLoggerFactory(_logs);
            if (alerts is not null) h.UseAlerts(alerts);
        });
        client.Costs.Alert += (_, alert) => _alerts.Writer.TryWrite(alert);
        return client;
    }
}
