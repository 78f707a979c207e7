namespace HarborClient.Tests.Costs;

public sealed class MoneyTests
{
    [Theory]
    [InlineData("0.000000001", 1)]
    [InlineData("0.0000000005", 1)]
    [InlineData("0.00000000049", 0)]
    [InlineData("-0.0000000005", -1)]
    [InlineData("25", 25_000_000_000)]
    public void Dollars_become_nano_dollars_rounded_half_away_from_zero(string usd, long nano)
    {
        Money.FromUsd(decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture)).NanoUsd.Should().Be(nano);
    }

    [Fact]
    public void An_amount_outside_the_range_overflows_instead_of_wrapping()
    {
        var tooMuch = () => Money.FromUsd(10_000_000_000m);
        var sum = () => new Money(long.MaxValue) + new Money(1);

        tooMuch.Should().Throw<OverflowException>();
        sum.Should().Throw<OverflowException>();
    }

    [Theory]
    [InlineData(0, "$0.00")]
    [InlineData(420_000, "$0.00042")]
    [InlineData(1, "$0.000000001")]
    [InlineData(-1_500_000_000, "-$1.50")]
    public void It_is_shown_with_as_many_decimals_as_it_needs(long nano, string shown)
    {
        new Money(nano).ToString().Should().Be(shown);
    }

    [Fact]
    public void Amounts_compare_and_add_exactly()
    {
        var cent = Money.FromUsd(0.01m);

        (cent + cent - cent).Should().Be(cent);
        (cent > Money.Zero && Money.Zero < cent && cent >= Money.FromUsd(0.01m) && Money.Zero <= cent).Should().BeTrue();
        cent.CompareTo(Money.Zero).Should().BePositive();
        cent.Usd.Should().Be(0.01m);
    }

    [Fact]
    public void An_amount_is_shown_in_another_currency_for_people_to_read()
    {
        Money.FromUsd(0.00042m).ToString("CNY", 7.25m).Should().Be("CNY 0.003045");
        Money.FromUsd(-1).ToString("EUR", 0.9m).Should().Be("EUR -0.90");
    }
}
