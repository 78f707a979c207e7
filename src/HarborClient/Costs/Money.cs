using System.Globalization;

namespace HarborClient;

/// <summary>An amount in US dollars, exact to a billionth of a dollar (nano-USD), up to about ±9.2 billion.</summary>
/// <param name="NanoUsd">The amount in nano-USD.</param>
public readonly record struct Money(long NanoUsd) : IComparable<Money>
{
    private const decimal NanoPerUsd = 1_000_000_000m;

    /// <summary>Nothing.</summary>
    public static Money Zero => default;

    /// <summary>The amount in US dollars.</summary>
    public decimal Usd => NanoUsd / NanoPerUsd;

    /// <summary>Converts from US dollars, rounded half away from zero to a nano-USD.</summary>
    /// <param name="usd">The amount.</param>
    /// <returns>The amount as money.</returns>
    /// <exception cref="OverflowException">It is outside the range.</exception>
    public static Money FromUsd(decimal usd) => new(checked((long)decimal.Round(usd * NanoPerUsd, MidpointRounding.AwayFromZero)));

    /// <inheritdoc/>
    public int CompareTo(Money other) => NanoUsd.CompareTo(other.NanoUsd);

    /// <summary>Adds two amounts.</summary>
    public static Money operator +(Money left, Money right) => new(checked(left.NanoUsd + right.NanoUsd));

    /// <summary>Subtracts an amount from another.</summary>
    public static Money operator -(Money left, Money right) => new(checked(left.NanoUsd - right.NanoUsd));

    /// <summary>Whether one amount is less than another.</summary>
    public static bool operator <(Money left, Money right) => left.NanoUsd < right.NanoUsd;

    /// <summary>Whether one amount is more than another.</summary>
    public static bool operator >(Money left, Money right) => left.NanoUsd > right.NanoUsd;

    /// <summary>Whether one amount is at most another.</summary>
    public static bool operator <=(Money left, Money right) => left.NanoUsd <= right.NanoUsd;

    /// <summary>Whether one amount is at least another.</summary>
    public static bool operator >=(Money left, Money right) => left.NanoUsd >= right.NanoUsd;

    /// <summary>The amount in another currency, for people to read: what is reckoned and kept stays US dollars.</summary>
    /// <param name="currency">Its code, such as <c>CNY</c>.</param>
    /// <param name="unitsPerUsd">How much of it a US dollar buys.</param>
    /// <returns>The text with as many decimals as it needs, six at most, such as <c>CNY 0.00304</c>; in the invariant culture.</returns>
    public string ToString(string currency, decimal unitsPerUsd)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(currency);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(unitsPerUsd);
        return string.Create(CultureInfo.InvariantCulture, $"{currency} {decimal.Round(Usd * unitsPerUsd, 6, MidpointRounding.AwayFromZero):0.00####}");
    }

    /// <summary>The amount with as many decimals as it needs, such as <c>$0.00042</c>.</summary>
    /// <returns>The text, in the invariant culture.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(NanoUsd < 0 ? "-" : "")}${Math.Abs(Usd):0.00#######}");
}
