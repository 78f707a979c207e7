namespace HarborClient.Costs;

// Hot path: one product a part, no allocation.

/// <summary>Prices of tokens, in pico-USD for one: a price of 1 USD for a million tokens is 1,000,000. Exact to six decimals of such a price. Immutable.</summary>
internal sealed record TokenRates
{
    /// <summary>From USD for a million tokens to pico-USD for one.</summary>
    internal const decimal PicoPerUsdPerMillion = 1_000_000m;

    private const long MostSmallRate = 10_000_000_000;

    internal required long Input { get; init; }

    internal required long Output { get; init; }

    internal required long CachedInput { get; init; }

    internal required long CacheWrite { get; init; }

    internal required long CacheWriteOneHour { get; init; }

    internal required long Reasoning { get; init; }

    internal required long AudioInput { get; init; }

    internal required long AudioOutput { get; init; }

    internal required long ImageInput { get; init; }

    /// <summary>The most that an input token can cost here.</summary>
    internal long DearestInput => Math.Max(Math.Max(Math.Max(Input, CachedInput), Math.Max(CacheWrite, CacheWriteOneHour)), Math.Max(AudioInput, ImageInput));

    /// <summary>The most that an output token can cost here.</summary>
    internal long DearestOutput => Math.Max(Output, Math.Max(Reasoning, AudioOutput));

    /// <summary>Exact: whole numbers of up to 28 digits, of which a hundred million tokens at a million dollars need 20.</summary>
    internal decimal PicoOf(in BilledTokens tokens) =>
        Of(tokens.PlainInput, Input) + Of(tokens.CachedInput, CachedInput) + Of(tokens.CacheWrite, CacheWrite) + Of(tokens.CacheWriteOneHour, CacheWriteOneHour)
        + Of(tokens.AudioInput, AudioInput) + Of(tokens.ImageInput, ImageInput) + Of(tokens.PlainOutput, Output) + Of(tokens.Reasoning, Reasoning) + Of(tokens.AudioOutput, AudioOutput);

    /// <summary>Whether what an attempt can use at these rates is less than 9.2e18 pico-USD, as it is below 10,000 USD for a million tokens.</summary>
    private bool IsSmall => Math.Max(DearestInput, DearestOutput) <= MostSmallRate;

    /// <summary>The same, where it fits.</summary>
    internal bool TryPicoOf(in BilledTokens tokens, out long pico)
    {
        pico = 0;
        if (!IsSmall || tokens.Input > 2 * BilledTokens.MostBelieved || tokens.Output > BilledTokens.MostBelieved) return false;
        pico = (tokens.PlainInput * Input) + (tokens.CachedInput * CachedInput) + (tokens.CacheWrite * CacheWrite) + (tokens.CacheWriteOneHour * CacheWriteOneHour)
            + (tokens.AudioInput * AudioInput) + (tokens.ImageInput * ImageInput) + (tokens.PlainOutput * Output) + (tokens.Reasoning * Reasoning) + (tokens.AudioOutput * AudioOutput);
        return true;
    }

    private static decimal Of(long tokens, long rate) => tokens == 0 ? 0 : (decimal)tokens * rate;
}
