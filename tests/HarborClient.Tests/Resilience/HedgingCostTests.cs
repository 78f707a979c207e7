namespace HarborClient.Tests.Resilience;

// What hedges may cost, in money where it is known.
public sealed class HedgingCostTests
{
    // 60 calls of 100 tokens earn 2 % of 6,000: enough for twelve hedges with a prompt of ten tokens, if both targets cost the same.
    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(1, 5, true)]
    [InlineData(1, 1000, false)]
    [InlineData(1000, 1, true)]
    public async Task A_dear_target_is_asked_beside_a_cheap_one_only_as_far_as_the_money_goes(int priceOfA, int priceOfB, bool isHedged)
    {
        await using HedgedHosts hosts = await new HedgedHosts(h => h.UsePrices(p =>
        {
            p.Models["a/one"] = new ModelPrice { InputPerMillionTokens = priceOfA, OutputPerMillionTokens = priceOfA };
            p.Models["b/two"] = new ModelPrice { InputPerMillionTokens = priceOfB, OutputPerMillionTokens = priceOfB };
        })).WarmAsync();
        hosts.A.ThenReply(HedgedHosts.Late("from a, late"));

        ChatResponse answer = await hosts.AskAsync();

        answer.Text.Should().Be(isHedged ? "from b" : "from a, late");
        if (!isHedged) HedgedHosts.Hedges(answer).Should().ContainSingle().Which.Reason.Should().Contain("Hedging.MaximumExtraSpend is used up");
        await hosts.ShouldSettleAsync();
    }

    [Fact]
    public async Task What_cheap_calls_have_saved_does_not_pay_for_dear_ones()
    {
        await using HedgedHosts hosts = await new HedgedHosts(h => h.MapModel("dear", "a/dear", "b/dear").UsePrices(p =>
        {
            foreach (string name in new[] { "a/one", "b/two" }) p.Models[name] = new ModelPrice { InputPerMillionTokens = 1, OutputPerMillionTokens = 1 };
            foreach (string name in new[] { "a/dear", "b/dear" }) p.Models[name] = new ModelPrice { InputPerMillionTokens = 1_000, OutputPerMillionTokens = 1_000 };
        })).WarmAsync();
        var dear = new ChatOptions { ModelId = "dear" };
        for (int i = 0; i < 21; i++) await hosts.Client.GetResponseAsync("hi", dear);
        hosts.A.ThenReply(HedgedHosts.Late("from a, late")).ThenReply(HedgedHosts.Late("too late"));

        ChatResponse ofDear = await hosts.AskAsync(dear);
        ChatResponse ofCheap = await hosts.AskAsync();

        (ofDear.Text, ofCheap.Text).Should().Be(("from a, late", "from b"));
        HedgedHosts.Hedges(ofDear).Should().ContainSingle().Which.Reason.Should().Contain("Hedging.MaximumExtraSpend is used up");
    }

    [Fact]
    public async Task Without_a_price_of_both_tokens_count()
    {
        await using HedgedHosts hosts = await new HedgedHosts(h => h.UsePrices(p =>
            p.Models["b/two"] = new ModelPrice { InputPerMillionTokens = 1_000, OutputPerMillionTokens = 1_000 })).WarmAsync();
        hosts.A.ThenReply(HedgedHosts.Late("too late"));

        (await hosts.AskAsync()).Text.Should().Be("from b");
    }
}
