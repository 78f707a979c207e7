using HarborClient.Costs;
using HarborClient.Tests.Architecture;

namespace HarborClient.Tests.Costs;

// The catalogue that comes with the package, and what it says of some models at some times.
public sealed class PriceCatalogueTests
{
    private static readonly BilledTokens Million = new(PlainInput: 1_000_000);

    [Fact]
    public void Every_row_is_read_and_has_a_price_or_says_that_it_has_none()
    {
        List<PriceRow> rows = PriceCatalogue.ReadAll();

        rows.Should().HaveCountGreaterThan(160);
        rows.Where(row => row.Periods.Length == 0).Should().OnlyContain(row => row.Provider == "zhipuai");
        rows.SelectMany(row => row.Aliases.Append(row.Model).Select(name => (row.Provider, name))).Should().OnlyHaveUniqueItems();
        rows.SelectMany(row => row.Periods).SelectMany(period => period.Tiers).Should().OnlyContain(tier => tier.Rates.DearestInput >= tier.Rates.Input && tier.Rates.Input >= 0);
    }

    [Fact]
    public void The_version_is_the_day_of_the_file() =>
        File.ReadAllText(Path.Combine(Repository.Root, "src/HarborClient/Costs/prices.json")).Should().Contain($"\"generated\": \"{PriceCatalogue.Version}\"");

    [Theory]
    [InlineData("anthropic", "claude-sonnet-5", "2026-08-31T23:59:59Z", "2")]
    [InlineData("anthropic", "claude-sonnet-5", "2026-09-01T00:00:00Z", "3")]
    [InlineData("gemini", "gemini-3.8-flash", "2026-12-31T23:59:59Z", "0.75")]
    [InlineData("gemini", "gemini-3.8-flash", "2027-01-01T00:00:00Z", "1.5")]
    [InlineData("zai", "glm-5.3-flash", "2026-09-09T23:59:59+08:00", "0.075")]
    [InlineData("zai", "glm-5.3-flash", "2026-09-10T00:00:00+08:00", "0.15")]
    public void A_price_changes_at_its_moment(string provider, string model, string at, string usd) =>
        Price(provider, model, Million, at).Should().Be(Money.FromUsd(decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void A_dated_name_is_found_by_its_alias_and_an_unknown_one_not_at_all()
    {
        PriceCatalogue.Find("openai", "gpt-5-2025-08-07")!.Model.Should().Be("gpt-5");
        PriceCatalogue.Find("openai", "gpt-4o-mini-2024-07-18").Should().NotBeNull();
        PriceCatalogue.Find("openai", "gpt-4o-mini-2031-01-01").Should().BeNull();
        PriceCatalogue.Find("anthropic", "gpt-4o").Should().BeNull();
    }

    [Fact]
    public void A_long_prompt_is_charged_at_its_tier_for_all_its_tokens()
    {
        Price("anthropic", "claude-sonnet-4-5", new BilledTokens(PlainInput: 200_000), "2026-11-24Z").Should().Be(Money.FromUsd(0.6m));
        Price("anthropic", "claude-sonnet-4-5", new BilledTokens(PlainInput: 150_000, CachedInput: 50_001), "2026-11-24Z").Should().Be(Money.FromUsd((150_000 * 6m + 50_001 * 0.6m) / 1_000_000));
    }

    [Fact]
    public void A_service_tier_has_prices_of_its_own_and_an_unknown_one_the_usual()
    {
        Price("openai", "gpt-4.1", Million, "2026-11-24Z", "priority").Should().Be(Money.FromUsd(3.5m));
        Price("openai", "gpt-4.1", Million, "2026-11-24Z", "default").Should().Be(Money.FromUsd(2));
        Price("openai", "gpt-5", Million, "2026-11-24Z", "flex").Should().Be(Money.FromUsd(0.625m));
    }

    [Fact]
    public void Claudes_cache_is_priced_by_how_long_it_keeps()
    {
        Price("anthropic", "claude-haiku-4-5", new BilledTokens(CachedInput: 1_000_000), "2026-11-24Z").Should().Be(Money.FromUsd(0.1m));
        Price("anthropic", "claude-haiku-4-5", new BilledTokens(CacheWrite: 1_000_000), "2026-11-24Z").Should().Be(Money.FromUsd(1.25m));
        Price("anthropic", "claude-haiku-4-5", new BilledTokens(CacheWriteOneHour: 1_000_000), "2026-11-24Z").Should().Be(Money.FromUsd(2));
        Price("anthropic", "claude-sonnet-5", new BilledTokens(CacheWriteOneHour: 1_000_000), "2026-11-24Z").Should().Be(Money.FromUsd(6));
    }

    private static Money? Price(string provider, string model, BilledTokens tokens, string at, string? tier = null) =>
        PriceCatalogue.Find(provider, model)!.PriceOf(tokens, DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture), tier, TimeSpan.Zero);
}
