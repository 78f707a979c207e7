using HarborClient.Costs;
using HarborClient.Errors;

namespace HarborClient;

/// <summary>What a model costs, where the catalogue does not know it or is to be overruled. Prices are in US dollars; <see langword="null"/> means not known, never nothing.</summary>
/// <remarks>A part without a price of its own costs what the whole costs that it is a part of: cached input and images what input costs, reasoning what output costs.</remarks>
public sealed class ModelPrice
{
    /// <summary>A million input tokens.</summary>
    /// <value>0 to 1,000,000. Needed together with <see cref="OutputPerMillionTokens"/>, unless <see cref="PerGpuSecond"/> or <see cref="PerImage"/> is set.</value>
    public decimal? InputPerMillionTokens { get; set; }

    /// <summary>A million output tokens.</summary>
    /// <value>0 to 1,000,000. Set 0 for embeddings.</value>
    public decimal? OutputPerMillionTokens { get; set; }

    /// <summary>A million input tokens read from the provider's prompt cache.</summary>
    /// <value>0 to 1,000,000.</value>
    public decimal? CachedInputPerMillionTokens { get; set; }

    /// <summary>A million input tokens written to that cache.</summary>
    /// <value>0 to 1,000,000.</value>
    public decimal? CacheWritePerMillionTokens { get; set; }

    /// <summary>A million input tokens written to that cache for an hour.</summary>
    /// <value>0 to 1,000,000. Default: as <see cref="CacheWritePerMillionTokens"/>.</value>
    public decimal? CacheWriteOneHourPerMillionTokens { get; set; }

    /// <summary>A million tokens of reasoning.</summary>
    /// <value>0 to 1,000,000.</value>
    public decimal? ReasoningPerMillionTokens { get; set; }

    /// <summary>A million input tokens of sound.</summary>
    /// <value>0 to 1,000,000.</value>
    public decimal? AudioInputPerMillionTokens { get; set; }

    /// <summary>A million output tokens of sound.</summary>
    /// <value>0 to 1,000,000.</value>
    public decimal? AudioOutputPerMillionTokens { get; set; }

    /// <summary>One query of the provider's own web search.</summary>
    /// <value>0 to 1,000,000.</value>
    public decimal? PerSearch { get; set; }

    /// <summary>One image that the model makes.</summary>
    /// <value>0 to 1,000,000.</value>
    public decimal? PerImage { get; set; }

    /// <summary>One second of the host's work, from the start of an attempt to its end: what a host of one's own costs.</summary>
    /// <value>0 to 1,000,000.</value>
    public decimal? PerGpuSecond { get; set; }

    /// <summary>The least that one answered request costs.</summary>
    /// <value>Default 0; at most 1,000,000.</value>
    public decimal MinimumPerCall { get; set; }

    /// <summary>The longest prompt that the model takes, in tokens. A budget needs it for prompts whose length cannot be seen, such as those that continue a stored conversation.</summary>
    /// <value>Default <see langword="null"/>: not known.</value>
    public int? MaxInputTokens { get; set; }

    /// <summary>The longest answer that the model gives, in tokens. A budget reckons with it where a call sets no <see cref="Microsoft.Extensions.AI.ChatOptions.MaxOutputTokens"/>.</summary>
    /// <value>Default <see langword="null"/>: not known; a hard budget then has 4,096 at most written.</value>
    public int? MaxOutputTokens { get; set; }

    internal PriceRow ToRow(string name)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == name.Length - 1) throw Wrong(name, "must be named provider/model, with the provider's registered name");
        var draft = new RateDraft
        {
            Input = Checked(InputPerMillionTokens, name, nameof(InputPerMillionTokens)),
            Output = Checked(OutputPerMillionTokens, name, nameof(OutputPerMillionTokens)),
            CachedInput = Checked(CachedInputPerMillionTokens, name, nameof(CachedInputPerMillionTokens)),
            CacheWrite = Checked(CacheWritePerMillionTokens, name, nameof(CacheWritePerMillionTokens)),
            CacheWriteOneHour = Checked(CacheWriteOneHourPerMillionTokens, name, nameof(CacheWriteOneHourPerMillionTokens)),
            Reasoning = Checked(ReasoningPerMillionTokens, name, nameof(ReasoningPerMillionTokens)),
            AudioInput = Checked(AudioInputPerMillionTokens, name, nameof(AudioInputPerMillionTokens)),
            AudioOutput = Checked(AudioOutputPerMillionTokens, name, nameof(AudioOutputPerMillionTokens)),
        };
        long? search = Nano(PerSearch, name, nameof(PerSearch)), image = Nano(PerImage, name, nameof(PerImage));
        decimal? second = Checked(PerGpuSecond, name, nameof(PerGpuSecond));
        if (second is not null || image is not null)
        {
            draft.Input ??= 0;
            draft.Output ??= 0;
        }

        TokenRates rates = draft.Resolve() ?? throw Wrong(name, $"needs {nameof(InputPerMillionTokens)} and {nameof(OutputPerMillionTokens)} (0 where there is no output), {nameof(PerGpuSecond)} or {nameof(PerImage)}");
        return new PriceRow
        {
            Provider = name[..slash],
            Model = name[(slash + 1)..],
            Periods = [new PricePeriod(null, null, [new RateTier(RateTier.Standard, -1, rates)])],
            NanoPerSearch = search is { } query ? new SearchPrice(query, query) : null,
            NanoPerImage = image,
            PicoPerSecond = (long)((second ?? 0) * PriceRow.PicoPerUsd),
            MinimumNano = Nano(MinimumPerCall, name, nameof(MinimumPerCall))!.Value,
            MaxInputTokens = MaxInputTokens,
            MaxOutputTokens = MaxOutputTokens,
            Source = "code or configuration",
        };
    }

    private static long? Nano(decimal? usd, string name, string setting) => Checked(usd, name, setting) is { } price ? Money.FromUsd(price).NanoUsd : null;

    private static decimal? Checked(decimal? usd, string name, string setting) =>
        usd is < 0 or > RateDraft.MostUsdPerMillion ? throw Wrong(name, FormattableString.Invariant($"has a {setting} outside 0 to {RateDraft.MostUsdPerMillion:N0} (was {usd})")) : usd;

    private static HarborException Wrong(string name, string what) => ErrorFactory.Setting(ErrorKind.Configuration, $"The price of '{name}' (Prices.Models) {what}.");
}
