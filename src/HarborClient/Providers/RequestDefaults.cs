using HarborClient.Errors;

namespace HarborClient.Providers;

/// <summary>What a provider's options fill in where a chat call sets nothing.</summary>
internal readonly record struct RequestDefaults(float? Temperature, int? MaxOutputTokens)
{
    internal static RequestDefaults From(ProviderOptions options, string section)
    {
        if (options.DefaultTemperature is { } temperature && !(temperature >= 0 && temperature <= 2))
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.DefaultTemperature must be 0 to 2 (was {temperature}).");
        if (options.DefaultMaxOutputTokens is { } tokens) SettingCheck.Range(tokens, 1, 10_000_000, $"{section}.DefaultMaxOutputTokens");
        return new RequestDefaults(options.DefaultTemperature, options.DefaultMaxOutputTokens);
    }
}
