using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// What a hard budget counts for an attempt that is left before its provider has said what it used.
public sealed class UnseenCostTests
{
    private static readonly ChatOptions Options = new() { MaxOutputTokens = 1_000 };

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_plain_call_that_its_caller_leaves_counts_as_the_most_it_can_have_cost(bool isHard)
    {
        var provider = new ProviderEmulator(_time).Otherwise(new EmulatedReply().NeverAnswer());
        await using FastClient client = Client(provider, isHard);
        using var cancel = new CancellationTokenSource();
        Task<ChatResponse> call = client.GetResponseAsync("hi", Options, cancel.Token);
        await provider.AttemptReceived(1).Guarded();
        Money reserved = client.Costs.Budgets.Single().Reserved;

        await cancel.CancelAsync();
        await FluentActions.Awaiting(() => call.Guarded()).Should().ThrowAsync<OperationCanceledException>();

        // 1,000 tokens of output cost 60 times what they would as input: the prompt alone is nothing beside it.
        BudgetStatus status = client.Costs.Budgets.Single();
        reserved.Should().BeGreaterThan(new Money(600_000));
        status.Spent.Should().Match<Money>(spent => isHard ? spent == reserved : spent < new Money(10_000));
        status.Reserved.Should().Be(Money.Zero);
        (await client.Costs.ReportAsync(_time.GetUtcNow().AddHours(-1), _time.GetUtcNow().AddHours(1), CostGroup.Model)).Total.Should().BeEquivalentTo(new { Cost = status.Spent, Estimated = status.Spent }, "the ledger says the same");
    }

    [Fact]
    public async Task So_does_one_whose_host_closes_the_connection_without_an_answer()
    {
        var provider = new ProviderEmulator(_time).Otherwise(new EmulatedReply().AbortWhenBodyRead());
        await using FastClient client = Client(provider, isHard: true);

        await FluentActions.Awaiting(() => client.GetResponseAsync("hi", Options).Guarded()).Should().ThrowAsync<HarborException>();

        client.Costs.Budgets.Single().Spent.Should().BeGreaterThan(new Money(600_000));
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("no name")]
    [InlineData("no TLS")]
    [InlineData("503")]
    public async Task What_never_reached_a_model_costs_nothing(string fault)
    {
        var provider = new ProviderEmulator(_time).Otherwise(fault switch
        {
            "refused" => new EmulatedReply().ConnectionRefused(),
            "no name" => new EmulatedReply().NameNotResolved(),
            "no TLS" => new EmulatedReply().TlsFailure(),
            _ => EmulatedReply.Error(503),
        });
        await using FastClient client = Client(provider, isHard: true);

        await FluentActions.Awaiting(() => client.GetResponseAsync("hi", Options).Guarded()).Should().ThrowAsync<HarborException>();

        client.Costs.Budgets.Single().Should().BeEquivalentTo(new { Spent = Money.Zero, Reserved = Money.Zero });
    }

    [Fact]
    public async Task Of_a_stream_that_is_left_what_has_arrived_is_counted()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer(["one", " two", " three"]).DelayBetweenUpdates(TimeSpan.FromHours(1)));
        await using FastClient client = Client(provider, isHard: true);

        await foreach (string _ in client.StreamTextAsync("hi", Options)) break;

        client.Costs.Budgets.Single().Spent.Should().BeInRange(new Money(1), new Money(10_000));
    }

    [Fact]
    public async Task Where_thoughts_are_not_shown_a_stream_that_is_left_counts_as_the_most_it_can_have_cost()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer(["one", " two", " three"]).DelayBetweenUpdates(TimeSpan.FromHours(1)));
        await using FastClient client = Client(provider, isHard: true);

        await foreach (string _ in client.StreamTextAsync("hi", new ChatOptions { MaxOutputTokens = 1_000, Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High } })) break;

        client.Costs.Budgets.Single().Spent.Should().BeGreaterThan(new Money(600_000));
    }

    [Fact]
    public async Task Where_a_host_says_at_the_beginning_what_the_prompt_was_its_unseen_thoughts_are_counted_all_the_same()
    {
        // Claude's streams begin with the tokens of the prompt, and with one of output.
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer(["one", " two", " three"]).Usage(20, 500).DelayBetweenUpdates(TimeSpan.FromHours(1)));
        await using FastClient client = FastClient.Create(h => h
            .AddClaude("sk-ant-test-key-7Qm2xWv9", o => o.SendOnceThrough(provider.CreateHandler()))
            .UseTimeProvider(_time).UseMode(PerformanceMode.Fast).UseDefaultModel("claude/claude-haiku-4-5").AddBudget("team", Money.FromUsd(1)));

        await foreach (string _ in client.StreamTextAsync("hi", new ChatOptions { MaxOutputTokens = 5_000, Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High } })) break;

        // 5,000 tokens at 5 USD a million.
        client.Costs.Budgets.Single().Spent.Should().BeGreaterThan(new Money(24_000_000));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_an_image_that_its_caller_does_not_wait_for_the_price_is_counted(bool isLeft)
    {
        var provider = new ProviderEmulator(_time).Otherwise(isLeft ? new EmulatedReply().NeverAnswer() : new EmulatedReply().AbortWhenBodyRead());
        await using FastClient client = FastClient.Create(h => h
            .AddZhipu("id.test-key-7Qm2xWv9", o => o.SendOnceThrough(provider.CreateHandler()))
            .UsePrices(p => p.Models["zhipu/cogview-4"] = new ModelPrice { PerImage = 0.01m })
            .UseTimeProvider(_time).UseMode(PerformanceMode.Fast).AddBudget("team", Money.FromUsd(1)));
        using var cancel = new CancellationTokenSource();

        Task call = client.GenerateImageAsync("zhipu/cogview-4", new ImageRequest("a boat"), cancellationToken: cancel.Token);
        await provider.AttemptReceived(1).Guarded();
        if (isLeft) await cancel.CancelAsync();
        await FluentActions.Awaiting(() => call.Guarded()).Should().ThrowAsync<Exception>();

        client.Costs.Budgets.Single().Should().BeEquivalentTo(new { Spent = Money.FromUsd(0.01m), Reserved = Money.Zero });
    }

    private FastClient Client(ProviderEmulator provider, bool isHard) => TestClients.OpenAI(provider, _time, PerformanceMode.Fast, h => h.AddBudget("team", Money.FromUsd(1), budget => budget.IsHard = isHard));
}
