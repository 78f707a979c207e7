namespace HarborClient.Costs;

// Hot path: PriceOf is asked once an attempt, and allocates nothing. Products are decimals: exact like Int128, whose methods are not compiled ahead of time, which a cold process would wait for.

/// <summary>What one model of one provider costs, now and at other times. Immutable.</summary>
internal sealed class PriceRow
{
    internal const decimal PicoPerUsd = 1_000_000_000_000m;

    private const long PicoPerNano = 1_000;

    internal required string Provider { get; init; }

    internal required string Model { get; init; }

    /// <summary>Other names of the same model, such as the one with a date.</summary>
    internal IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>In order of time. Empty for a model that is known to have no known price.</summary>
    internal required PricePeriod[] Periods { get; init; }

    /// <summary>The longest prompt that the model takes; null where it is not known.</summary>
    internal long? MaxInputTokens { get; init; }

    /// <summary>The longest answer that it gives; null where it is not known.</summary>
    internal long? MaxOutputTokens { get; init; }

    /// <summary>What token prices are multiplied by under some terms.</summary>
    internal RateFactor[] Factors { get; init; } = [];

    /// <summary>The provider's own web search; null where it has no price.</summary>
    internal SearchPrice? NanoPerSearch { get; init; }

    /// <summary>One image that is made. Nano-USD.</summary>
    internal long? NanoPerImage { get; init; }

    /// <summary>One second of the host's work. Pico-USD.</summary>
    internal long PicoPerSecond { get; init; }

    /// <summary>The least that an answered request costs. Nano-USD.</summary>
    internal long MinimumNano { get; init; }

    /// <summary>Whether the price comes from second hand and has not been compared with its provider's page.</summary>
    internal bool IsUnconfirmed { get; init; }

    /// <summary>Whether the model has no known price and this one is assumed for it (<see cref="UnpricedPolicy.EstimateHigh"/>).</summary>
    internal bool IsAssumed { get; init; }

    /// <summary>Where the price was read.</summary>
    internal string? Source { get; init; }

    /// <summary>The price of what an attempt used.</summary>
    /// <param name="tokens">What it used.</param>
    /// <param name="at">When it was sent.</param>
    /// <param name="serviceTier">As the provider named it; null for none.</param>
    /// <param name="duration">How long the host worked, for prices by the second.</param>
    /// <param name="region">Where the provider worked on it, if it said so.</param>
    /// <returns>Rounded once, halves up; null where nothing is priced at that time, or a search was made that has no price.</returns>
    internal Money? PriceOf(in BilledTokens tokens, DateTimeOffset at, string? serviceTier, TimeSpan duration, string? region = null)
    {
        if (PeriodAt(at) is not { } period || (tokens.Searches > 0 && NanoPerSearch is null)) return null;
        TokenRates rates = period.RatesFor(tokens.Input, serviceTier);
        decimal factor = Factors.Length == 0 ? 1 : FactorOf(period, serviceTier, region);
        bool isPlain = NanoPerSearch is not { } search || search.Charged(tokens.Searches) == 0;
        if (isPlain && PicoPerSecond == 0 && factor == 1 && rates.TryPicoOf(tokens, out long small)) return new Money(Math.Max(MinimumNano, (small + (PicoPerNano / 2)) / PicoPerNano));
        decimal pico = rates.PicoOf(tokens) * factor;
        if (!isPlain) pico += (decimal)NanoPerSearch!.Charged(tokens.Searches) * NanoPerSearch.Usual * PicoPerNano;
        if (PicoPerSecond > 0) pico += (decimal)PicoPerSecond * duration.Ticks / TimeSpan.TicksPerSecond;
        return ToMoney(pico);
    }

    /// <summary>The price of images that a provider makes; null where it is not known.</summary>
    internal Money? PriceOfImages(long images) => NanoPerImage is { } each ? ToMoney((decimal)images * each * PicoPerNano) : null;

    /// <summary>What a million tokens of output cost in a short standard request, in US dollars; null where nothing is priced at that time.</summary>
    internal decimal? OutputUsdPerMillion(DateTimeOffset at) => PeriodAt(at)?.RatesFor(0, null).Output / TokenRates.PicoPerUsdPerMillion;

    /// <summary>The most that a request can cost, at the dearest rates that may hold for it.</summary>
    /// <param name="inputTokens">A bound.</param>
    /// <param name="outputTokens">A bound.</param>
    /// <param name="searches">A bound.</param>
    /// <param name="at">When it is sent.</param>
    /// <param name="serviceTier">As the request asks for it; null for none.</param>
    /// <param name="duration">A bound, for prices by the second.</param>
    /// <param name="region">Where the provider works on it, as far as that is known before.</param>
    internal Money? MostOf(long inputTokens, long outputTokens, long searches, DateTimeOffset at, string? serviceTier, TimeSpan duration, string? region = null)
    {
        if (PeriodAt(at) is not { } period || (searches > 0 && NanoPerSearch is null)) return null;
        return ToMoney(MostPico(period, inputTokens, outputTokens, searches, serviceTier, duration, region));
    }

    /// <summary>The most output tokens that an amount buys after the input.</summary>
    /// <returns>0 where it does not even buy the input; <see cref="long.MaxValue"/> where output costs nothing.</returns>
    internal long OutputFor(Money amount, long inputTokens, long searches, DateTimeOffset at, string? serviceTier, string? region = null)
    {
        if (PeriodAt(at) is not { } period || (searches > 0 && NanoPerSearch is null)) return 0;
        decimal input = MostPico(period, inputTokens, 0, searches, serviceTier, TimeSpan.Zero, region);
        if (ToMoney(input) > amount) return 0;
        decimal rate = period.RatesFor(inputTokens, serviceTier).DearestOutput * FactorOf(period, serviceTier, region);
        return rate == 0 ? long.MaxValue : (long)decimal.Clamp(decimal.Floor((((decimal)amount.NanoUsd * PicoPerNano) - input) / rate), 0, long.MaxValue);
    }

    private decimal MostPico(PricePeriod period, long inputTokens, long outputTokens, long searches, string? serviceTier, TimeSpan duration, string? region)
    {
        TokenRates rates = period.RatesFor(inputTokens, serviceTier);
        decimal pico = (((decimal)inputTokens * rates.DearestInput) + ((decimal)outputTokens * rates.DearestOutput)) * FactorOf(period, serviceTier, region);
        if (NanoPerSearch is { } search) pico += (decimal)search.Charged(searches) * search.Most * PicoPerNano;
        if (PicoPerSecond > 0) pico += (decimal)PicoPerSecond * duration.Ticks / TimeSpan.TicksPerSecond;
        return pico;
    }

    /// <summary>A service tier with rates of its own is not multiplied again; a region is, whichever the tier.</summary>
    private decimal FactorOf(PricePeriod period, string? serviceTier, string? region)
    {
        decimal factor = 1;
        foreach (RateFactor known in Factors)
        {
            bool isRegion = known.Name.Equals(region, StringComparison.OrdinalIgnoreCase);
            if (isRegion || (known.Name.Equals(serviceTier, StringComparison.OrdinalIgnoreCase) && !period.HasRatesOf(known.Name))) factor *= known.Value;
        }

        return factor;
    }

    private PricePeriod? PeriodAt(DateTimeOffset at)
    {
        foreach (PricePeriod period in Periods)
        {
            if (period.Holds(at)) return period;
        }

        return null;
    }

    private Money ToMoney(decimal pico)
    {
        decimal nano = decimal.Floor((pico + (PicoPerNano / 2)) / PicoPerNano);
        return new Money(nano > long.MaxValue ? long.MaxValue : Math.Max(MinimumNano, (long)nano));
    }
}
