using HarborClient.Testing;
using HarborClient.Tests.Embeddings;
using HarborClient.Tests.Tools;

namespace HarborClient.Tests.Costs;

// What a call cost, wherever it is told: of tools, of typed answers, of shared requests, of errors, of variants, and of answers that were kept.
public sealed class CostToldTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_with_tools_costs_all_of_its_iterations(bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather").WithoutUsage()).ThenAnswer("rain", reply => reply.Usage(1_000_000, 0));
        await using FastClient client = ToolBox.Client(provider, _time);

        HarborCallInfo info = (await client.AnswerAsync(ToolBox.With(ToolBox.Weather()), isStreaming)).GetHarborInfo();

        info.IsCostEstimated.Should().BeTrue("the first iteration's usage was not reported");
        info.Cost!.Value.Should().BeGreaterThan(Money.FromUsd(0.15m));
        info.Attempts.Select(attempt => attempt.IsCostEstimated).Should().Equal(true, false);
        info.Cost.Value.NanoUsd.Should().Be(info.Attempts.Sum(attempt => attempt.Cost!.Value.NanoUsd));
    }

    [Fact]
    public async Task A_call_with_tools_says_that_a_budget_lowered_one_of_its_iterations()
    {
        // What was asked before leaves half of the budget; while the tool works, its window passes, and the last iteration has all of it.
        var provider = new ProviderEmulator(_time)
            .ThenAnswer("before", reply => reply.Usage(10, 10))
            .ThenReply(ToolBox.Calls("weather").Usage(10, 10))
            .ThenAnswer("rain", reply => reply.Usage(10, 10));
        await using FastClient client = ToolBox.Client(provider, _time, more: h => h
            .AddBudget("all", Money.FromUsd(0.01m), b => b.Window = BudgetWindow.Rolling(TimeSpan.FromMinutes(1)))
            .UsePrices(p => p.Models[TestClients.Model] = new ModelPrice { InputPerMillionTokens = 0, OutputPerMillionTokens = 1, MinimumPerCall = 0.005m }));
        ChatOptions options = ToolBox.With(ToolBox.Weather(_ =>
        {
            _time.Advance(TimeSpan.FromMinutes(2));
            return "rain";
        }));
        options.MaxOutputTokens = 10_000;
        await client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 100 });

        HarborCallInfo info = (await client.AnswerAsync(options, isStreaming: false)).GetHarborInfo();

        info.MaxOutputTokensLowered.Should().BeTrue();
        provider.Attempts.Skip(1).Select(attempt => attempt.BodyJson!.Value.GetProperty("max_completion_tokens").GetInt32()).Should().Equal(5_000, 10_000);
    }

    [Fact]
    public async Task Those_who_share_a_request_share_its_cost_to_the_last_billionth()
    {
        await using var host = new BatchHost(more: h => h.UsePrices(p => p.Models["lab/embedder"] = new ModelPrice { InputPerMillionTokens = 0.013m, OutputPerMillionTokens = 0 }));
        host.Provider.ThenReply(new EmulatedReply().Usage(103, 0));
        await host.HoldAsync();

        Task<GeneratedEmbeddings<Embedding<float>>>[] callers = [host.Ask("a text"), host.Ask("a text that is rather longer than the first"), host.Ask("a third")];
        await host.PassWaitAsync(2);
        long[] costs = [.. (await Task.WhenAll(callers)).Select(result => (long)result.AdditionalProperties!["harbor.cost_nano_usd"]!)];

        costs.Sum().Should().Be(103 * 13);
        costs.Should().OnlyContain(cost => cost > 0);
        costs[1].Should().BeGreaterThan(costs[0], "its text is longer");
    }

    [Fact]
    public async Task An_error_says_what_its_attempts_cost()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer(["some ", "words "]).WithoutUsage().CutAfterUpdates(1)).Then(400);
        await using FastClient client = TestClients.OpenAI(provider, _time);

        Func<Task> stream = () => client.GetStreamingResponseAsync("a question of some words").ToListAsync();
        Func<Task> refused = () => client.GetResponseAsync("hi");

        HarborAttempt cut = (await stream.Should().ThrowAsync<HarborException>()).Which.Attempts.Should().ContainSingle().Subject;
        (cut.IsCostEstimated, cut.Cost > Money.Zero).Should().Be((true, true));
        (await refused.Should().ThrowAsync<HarborException>()).Which.Attempts.Should().ContainSingle().Which.Cost.Should().Be(Money.Zero);
    }

    [Fact]
    public async Task Variants_of_an_alias_show_what_they_cost_beside_each_other()
    {
        var dear = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("dear").Usage(1_000_000, 0));
        var other = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("other").Usage(1_000_000, 0));
        await using FastClient client = FastClient.Create(h => h
            .AddLocal("dear", new Uri("http://dear.test/v1/"), o => o.SendOnceThrough(dear.CreateHandler()))
            .AddLocal("other", new Uri("http://other.test/v1/"), o => o.SendOnceThrough(other.CreateHandler()))
            .MapModel("chat", map => map.Target("dear/m", weight: 2).Target("other/m", weight: 1))
            .UsePrices(p => p.Models["dear/m"] = new ModelPrice { InputPerMillionTokens = 2, OutputPerMillionTokens = 2 })
            .UseDefaultModel("chat").UseTimeProvider(_time).UseRandomSeed(1));

        for (int i = 0; i < 10; i++) await client.GetResponseAsync("hi");

        VariantStatus[] variants = [.. client.Health.Variants];
        variants.Select(variant => (variant.Cost, variant.Unpriced)).Should().Equal((Money.FromUsd(2 * variants[0].Calls), 0), (Money.Zero, variants[1].Calls));
        variants.Should().OnlyContain(variant => variant.Calls > 0);
        client.Health.ToString().Should().Contain("cost").And.Contain("unpriced");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_kept_answer_says_what_it_saves_at_the_present_price(bool isStreaming)
    {
        _time.Advance(new DateTimeOffset(2026, 12, 31, 23, 0, 0, TimeSpan.Zero) - _time.GetUtcNow());
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine").Usage(1_000_000, 0));
        await using FastClient client = FastClient.Create(h => h.AddGemini("key-7Qm2xWv9", o => o.SendOnceThrough(provider.CreateHandler())).UseTimeProvider(_time).UseDefaultModel("gemini/gemini-3.8-flash"));
        var options = new HarborChatOptions { Cache = CachePolicy.Always, CacheTtl = TimeSpan.FromDays(1) };

        async Task<HarborCallInfo> AskAsync() =>
            (isStreaming ? (await client.GetStreamingResponseAsync("hi", options).ToListAsync()).ToHarborResponse() : await client.GetResponseAsync("hi", options)).GetHarborInfo();

        (await AskAsync()).SavedCost.Should().BeNull("a provider answered");
        HarborCallInfo first = await AskAsync();
        _time.Advance(TimeSpan.FromHours(2));
        HarborCallInfo later = await AskAsync();

        (first.Cost, first.SavedCost).Should().Be((Money.Zero, Money.FromUsd(0.75m)));
        (later.Cost, later.SavedCost).Should().Be((Money.Zero, Money.FromUsd(1.5m)));
        client.Cache.Statistics.SavedCost.Should().Be(Money.FromUsd(2.25m));
        provider.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task What_a_kept_answer_saves_is_not_known_without_a_price()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine").Usage(1_000, 0));
        await using FastClient client = TestClients.OpenAI(provider, _time);
        var options = new HarborChatOptions { Cache = CachePolicy.Always, ModelId = "openai/unheard-of" };
        await client.GetResponseAsync("hi", options);

        (await client.GetResponseAsync("hi", options)).GetHarborInfo().SavedCost.Should().BeNull();
        client.Cache.Statistics.SavedCost.Should().Be(Money.Zero);
    }
}
