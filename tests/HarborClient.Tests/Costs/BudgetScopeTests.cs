using HarborClient.Testing;

namespace HarborClient.Tests.Costs;

// Which attempts a budget is about, and what a soft one does to them.
public sealed class BudgetScopeTests
{
    [Fact]
    public void A_budget_for_a_provider_that_nobody_has_added_is_an_error()
    {
        Action build = () => Build(b => b.Provider = "opanai");

        build.Should().Throw<HarborException>().Where(e => e.Kind == ErrorKind.Configuration).WithMessage("Budgets.team.Provider is 'opanai'*There are: lab, router.");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("lab")]
    public void A_model_of_a_budget_that_begins_with_its_provider_is_an_error(string? provider)
    {
        Action build = () => Build(b => (b.Provider, b.Model) = (provider, "lab/small"));

        build.Should().Throw<HarborException>().WithMessage("*set Provider to 'lab' and Model to 'small'*");
    }

    [Theory]
    [InlineData("LAB", "small")]
    [InlineData(null, "meta-llama/Llama-3.2-3B")]
    [InlineData("router", "lab/small")]
    public void Names_that_attempts_have_are_accepted(string? provider, string model)
    {
        Action build = () => Build(b => (b.Provider, b.Model) = (provider, model));

        build.Should().NotThrow();
    }

    [Fact]
    public async Task A_soft_budget_does_not_shorten_answers()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = TestClients.Local(provider, TimeProvider.System, configure: h => h
            .AddBudget("soft", Money.FromUsd(0.000001m), b => b.IsHard = false)
            .UsePrices(p => p.Models["lab/model"] = new ModelPrice { InputPerMillionTokens = 1, OutputPerMillionTokens = 1 }));

        HarborCallInfo info = (await client.GetResponseAsync("hi")).GetHarborInfo();

        info.MaxOutputTokensLowered.Should().BeFalse();
        provider.Attempts[0].BodyText.Should().NotContain("max_tokens").And.NotContain("max_completion_tokens");
        client.Costs.Budgets.Should().ContainSingle().Which.Spent.Should().BeGreaterThan(Money.Zero);
    }

    private static void Build(Action<BudgetOptions> configure) => FastClient.Create(h => h
        .AddLocal("lab", new Uri("http://lab.test/v1/"))
        .AddLocal("router", new Uri("http://router.test/v1/"))
        .AddBudget("team", Money.FromUsd(1), configure)).Dispose();
}
