using System.Text.Json;

namespace HarborClient.Costs;

/// <summary>Prices as a file or a caller gives them: USD for a million tokens, null for what is not known. Not known never means 0.</summary>
internal sealed class RateDraft
{
    /// <summary>No model costs a thousandth of this; a price beyond it is a slip of the pen.</summary>
    internal const decimal MostUsdPerMillion = 1_000_000m;

    internal decimal? Input { get; set; }

    internal decimal? Output { get; set; }

    internal decimal? CachedInput { get; set; }

    internal decimal? CacheWrite { get; set; }

    internal decimal? CacheWriteOneHour { get; set; }

    internal decimal? Reasoning { get; set; }

    internal decimal? AudioInput { get; set; }

    internal decimal? AudioOutput { get; set; }

    internal decimal? ImageInput { get; set; }

    /// <summary>Reads one member of an object if it is a price of tokens. The reader stands at its name, and afterwards at the end of its value.</summary>
    internal bool TryRead(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("input_per_mtok"u8)) Input = PriceNumbers.Read(ref json, MostUsdPerMillion);
        else if (json.ValueTextEquals("output_per_mtok"u8)) Output = PriceNumbers.Read(ref json, MostUsdPerMillion);
        else if (json.ValueTextEquals("cache_read_per_mtok"u8)) CachedInput = PriceNumbers.Read(ref json, MostUsdPerMillion);
        else if (json.ValueTextEquals("cache_write_per_mtok"u8)) CacheWrite = PriceNumbers.Read(ref json, MostUsdPerMillion);
        else if (json.ValueTextEquals("cache_write_1h_per_mtok"u8)) CacheWriteOneHour = PriceNumbers.Read(ref json, MostUsdPerMillion);
        else if (json.ValueTextEquals("reasoning_output_per_mtok"u8)) Reasoning = PriceNumbers.Read(ref json, MostUsdPerMillion);
        else if (json.ValueTextEquals("audio_input_per_mtok"u8)) AudioInput = PriceNumbers.Read(ref json, MostUsdPerMillion);
        else if (json.ValueTextEquals("audio_output_per_mtok"u8)) AudioOutput = PriceNumbers.Read(ref json, MostUsdPerMillion);
        else if (json.ValueTextEquals("image_input_per_mtok"u8)) ImageInput = PriceNumbers.Read(ref json, MostUsdPerMillion);
        else return false;
        return true;
    }

    /// <summary>The rates; a part without a price of its own costs what the whole costs that it is a part of. Null where the input or the output has no price.</summary>
    /// <param name="usual">The prices that these take the place of, for some requests or some time: what these leave out is at least as dear as there.</param>
    internal TokenRates? Resolve(RateDraft? usual = null)
    {
        if ((Input ?? usual?.Input) is not { } input || (Output ?? usual?.Output) is not { } output) return null;
        decimal written = CacheWrite ?? Dearer(usual?.CacheWrite, input);
        return new TokenRates
        {
            Input = Pico(input),
            Output = Pico(output),
            CachedInput = Pico(CachedInput ?? Dearer(usual?.CachedInput, input)),
            CacheWrite = Pico(written),
            CacheWriteOneHour = Pico(CacheWriteOneHour ?? Dearer(usual?.CacheWriteOneHour, written)),
            Reasoning = Pico(Reasoning ?? Dearer(usual?.Reasoning, output)),
            AudioInput = Pico(AudioInput ?? Dearer(usual?.AudioInput, input)),
            AudioOutput = Pico(AudioOutput ?? Dearer(usual?.AudioOutput, output)),
            ImageInput = Pico(ImageInput ?? Dearer(usual?.ImageInput, input)),
        };
    }

    private static decimal Dearer(decimal? usual, decimal whole) => Math.Max(usual ?? 0, whole);

    private static long Pico(decimal usdPerMillion) => (long)decimal.Round(usdPerMillion * TokenRates.PicoPerUsdPerMillion, MidpointRounding.AwayFromZero);
}
