using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// What one call costs, as its caller sees it.
public sealed class CallCostTests
{
    public static TheoryData<PerformanceMode> Modes => TestClients.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_call_costs_its_tokens_at_the_price_of_its_model(PerformanceMode mode)
    {
        var provider = new ProviderEmulator().ThenAnswer("hello", reply => reply.Usage(1_000, 500, cachedTokens: 400));
        await using FastClient client = TestClients.OpenAI(provider, TimeProvider.System, mode);

        HarborCallInfo info = (await client.GetResponseAsync("hi")).GetHarborInfo();

        // gpt-4o-mini: 0.15 input, 0.075 cached, 0.60 output for a million.
        info.Cost.Should().Be(Money.FromUsd((600 * 0.15m + 400 * 0.075m + 500 * 0.60m) / 1_000_000m));
        info.IsCostEstimated.Should().BeFalse();
        info.Attempts.Should().ContainSingle().Which.Cost.Should().Be(info.Cost);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stream_says_its_cost_with_its_last_update(PerformanceMode mode)
    {
        var provider = new ProviderEmulator().ThenAnswer(["hel", "lo"], reply => reply.Usage(1_000, 500));
        await using FastClient client = TestClients.OpenAI(provider, TimeProvider.System, mode);

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("hi").ToListAsync();

        updates[^1].AdditionalProperties!["harbor.cost_nano_usd"].Should().Be(450_000L);
        HarborCallInfo info = updates.ToHarborResponse().GetHarborInfo();
        info.Cost.Should().Be(new Money(450_000));
        info.Attempts.Should().ContainSingle().Which.Cost.Should().Be(new Money(450_000));
    }

    [Fact]
    public async Task A_model_without_a_price_costs_null_and_never_zero()
    {
        var provider = new ProviderEmulator().ThenAnswer("hello", reply => reply.Usage(10, 5));
        await using FastClient client = TestClients.OpenAI(provider, TimeProvider.System);

        HarborCallInfo info = (await client.GetResponseAsync("hi", new ChatOptions { ModelId = "openai/gpt-unheard-of" })).GetHarborInfo();

        info.Cost.Should().BeNull();
        CostReport report = await client.Costs.ReportAsync(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, CostGroup.Model);
        report.Should().ContainSingle().Which.Unpriced.Should().Be(1);
    }

    [Fact]
    public async Task A_model_without_a_price_is_estimated_high_where_that_is_set()
    {
        var provider = new ProviderEmulator().ThenAnswer("hello", reply => reply.Usage(1_000_000, 0));
        await using FastClient client = TestClients.OpenAI(provider, TimeProvider.System, configure: h => h.UsePrices(p => p.Unpriced = UnpricedPolicy.EstimateHigh));

        HarborCallInfo info = (await client.GetResponseAsync("hi", new ChatOptions { ModelId = "openai/gpt-unheard-of" })).GetHarborInfo();

        info.Cost!.Value.Usd.Should().BeGreaterThan(100, "o1-pro costs 150 USD for a million");
        info.IsCostEstimated.Should().BeTrue();
    }

    [Fact]
    public async Task A_model_without_a_price_is_refused_where_that_is_set()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = TestClients.OpenAI(provider, TimeProvider.System, configure: h => h.UsePrices(p => p.Unpriced = UnpricedPolicy.Refuse));

        Func<Task> call = () => client.GetResponseAsync("hi", new ChatOptions { ModelId = "openai/gpt-unheard-of" });

        (await call.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Budget);
        provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_stream_that_is_left_costs_an_estimate_of_the_prompt_and_of_what_had_arrived()
    {
        var provider = new ProviderEmulator().ThenAnswer(["one two three four five six seven eight ", "nine ", "ten"], reply => reply.Usage(1_000, 500));
        await using FastClient client = TestClients.OpenAI(provider, TimeProvider.System);

        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("a question of some words")) break;

        CostRow total = (await client.Costs.ReportAsync(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, CostGroup.Model)).Total;
        total.Estimated.Should().Be(total.Cost);
        total.Cost.Usd.Should().BeGreaterThan(0);
        total.Tokens.Output.Should().BeInRange(1, 20);
        total.Calls.Should().Be(0, "nobody was answered to the end");
        total.Attempts.Should().Be(1);
    }

    [Fact]
    public async Task An_answer_without_usage_costs_an_estimate()
    {
        var provider = new ProviderEmulator().ThenAnswer("one two three four five", reply => reply.WithoutUsage());
        await using FastClient client = TestClients.OpenAI(provider, TimeProvider.System);

        HarborCallInfo info = (await client.GetResponseAsync("a question of some words")).GetHarborInfo();

        info.IsCostEstimated.Should().BeTrue();
        info.Cost!.Value.Usd.Should().BeGreaterThan(0);
    }

    [Fact]
    public async Task A_call_that_needs_two_attempts_costs_both()
    {
        var first = new ProviderEmulator().Then(503);
        var second = new ProviderEmulator().ThenAnswer("hello", reply => reply.Usage(1_000_000, 0));
        await using FastClient client = TestClients.Chain(TimeProvider.System, PerformanceMode.Balanced, h => h.UsePrices(Prices), first, second);

        HarborCallInfo info = (await client.GetResponseAsync("hi")).GetHarborInfo();

        info.Cost.Should().Be(Money.FromUsd(2));
        info.Attempts.Select(attempt => attempt.Cost).Should().Equal(Money.Zero, Money.FromUsd(2));
    }

    [Fact]
    public async Task A_kept_answer_costs_nothing()
    {
        var provider = new ProviderEmulator().ThenAnswer("hello", reply => reply.Usage(1_000, 500));
        await using FastClient client = TestClients.Balanced(provider, TimeProvider.System);
        var options = new HarborChatOptions { Cache = CachePolicy.Always };
        await client.GetResponseAsync("hi", options);

        HarborCallInfo info = (await client.GetResponseAsync("hi", options)).GetHarborInfo();

        info.CacheLevel.Should().Be(CacheLevel.Memory);
        info.Cost.Should().Be(Money.Zero);
    }

    [Fact]
    public async Task A_host_of_ones_own_can_be_paid_by_the_second()
    {
        var time = new ManualTimeProvider();
        var provider = new ProviderEmulator(time).ThenAnswer("hello", reply => reply.DelayBeforeHeaders(TimeSpan.FromSeconds(3)).Usage(10, 5));
        await using FastClient client = TestClients.Local(provider, time, configure: h => h.UsePrices(p => p.Models["lab/model"] = new ModelPrice { PerGpuSecond = 0.001m }));

        Task<ChatResponse> pending = client.GetResponseAsync("hi");
        await time.AdvanceUntil(pending);

        (await pending).GetHarborInfo().Cost.Should().Be(Money.FromUsd(0.003m));
    }

    [Fact]
    public async Task Reports_add_up_what_calls_cost_by_model_tenant_and_label()
    {
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("hello").Usage(1_000, 0));
        await using FastClient client = TestClients.OpenAI(provider, TimeProvider.System);
        await client.GetResponseAsync("hi", new HarborChatOptions { Tenant = "acme", Tags = new Dictionary<string, string> { ["team"] = "search", ["stage"] = "test" } });
        await client.GetResponseAsync("hi", new HarborChatOptions { Tenant = "acme" });
        await client.GetResponseAsync("hi", new HarborChatOptions { Tenant = "other", ModelId = "openai/gpt-4o" });

        async Task<Dictionary<string, Money>> By(CostGroup group) => (await client.Costs.ReportAsync(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, group)).ToDictionary(row => row.Key, row => row.Cost);

        (await By(CostGroup.Model)).Should().Equal(new Dictionary<string, Money> { ["openai/gpt-4o"] = new(2_500_000), [TestClients.Model] = new(300_000) });
        (await By(CostGroup.Tenant)).Should().Equal(new Dictionary<string, Money> { ["other"] = new(2_500_000), ["acme"] = new(300_000) });
        (await By(CostGroup.Tag)).Should().Equal(new Dictionary<string, Money> { [""] = new(2_650_000), ["stage=test"] = new(150_000), ["team=search"] = new(150_000) });
        CostReport what = await client.Costs.ReportAsync(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, CostGroup.Provider, "anthropic/claude-haiku-4-5");
        what.Total.Counterfactual.Should().Be(Money.FromUsd(0.003m));
    }

    [Fact]
    public async Task What_it_would_have_cost_is_not_known_where_a_part_of_it_is_not()
    {
        var time = new ManualTimeProvider();
        string file = Path.Combine(Path.GetTempPath(), $"harbor-prices-{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(file, $$"""{"schema":"harbor-prices/1","models":[{"provider":"late","model":"model","price_periods":[{"from":"{{time.GetUtcNow().AddDays(1):yyyy-MM-dd}}","input_per_mtok":1,"output_per_mtok":1}]}]}""");
        try
        {
            await using FastClient client = TestClients.OpenAI(new ProviderEmulator(time).Otherwise(EmulatedReply.Answer("hello").Usage(1_000, 0)), time, configure: h => h.UsePrices(p => p.File = file));
            await client.GetResponseAsync("hi");
            time.Advance(TimeSpan.FromDays(2));
            await client.GetResponseAsync("hi");

            CostReport report = await client.Costs.ReportAsync(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, CostGroup.Day, "late/model");

            report.Select(row => row.Counterfactual).Should().Equal(null, Money.FromUsd(0.001m));
            report.Total.Counterfactual.Should().BeNull();
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task What_has_no_price_has_no_cost_in_the_export_either()
    {
        await using FastClient client = TestClients.OpenAI(new ProviderEmulator(), TimeProvider.System);
        await client.GetResponseAsync("hi", new ChatOptions { ModelId = "openai/no-price" });
        await using var text = new StringWriter();

        await client.Costs.ExportCsvAsync(text, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);

        string[][] lines = [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r').Split(','))];
        lines[1][Array.IndexOf(lines[0], "cost_usd")].Should().BeEmpty();
        lines[1][Array.IndexOf(lines[0], "unpriced")].Should().Be("1");
    }

    private static void Prices(PriceOptions prices)
    {
        prices.Models["a/one"] = new ModelPrice { InputPerMillionTokens = 1, OutputPerMillionTokens = 1 };
        prices.Models["b/two"] = new ModelPrice { InputPerMillionTokens = 2, OutputPerMillionTokens = 2 };
    }
}
