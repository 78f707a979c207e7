using HarborClient.Errors;

namespace HarborClient.Providers.Claude;

/// <summary>What <see cref="ClaudeOptions"/> has beyond every provider's options, validated and copied. Immutable.</summary>
internal sealed class ClaudeSettings
{
    internal required IReadOnlyList<string> Betas { get; init; }

    internal required bool MarksCache { get; init; }

    internal required bool KeepsCacheLong { get; init; }

    internal static ClaudeSettings From(ClaudeOptions options)
    {
        SettingCheck.Defined<ClaudePromptCaching>(options.PromptCaching, "Claude.PromptCaching");
        if (options.PromptCacheTtl != TimeSpan.FromMinutes(5) && options.PromptCacheTtl != TimeSpan.FromHours(1))
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"Claude.PromptCacheTtl must be 5 minutes or 1 hour (was {options.PromptCacheTtl}).");
        if (options.DefaultTemperature > 1)
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"Claude.DefaultTemperature must be 0 to 1 (was {options.DefaultTemperature}).");
        foreach (string beta in options.BetaFeatures) ClaudeBetas.Check(beta, ErrorKind.Configuration, "Claude.BetaFeatures");
        return new ClaudeSettings
        {
            Betas = [.. options.BetaFeatures],
            MarksCache = options.PromptCaching == ClaudePromptCaching.Auto,
            KeepsCacheLong = options.PromptCacheTtl == TimeSpan.FromHours(1),
        };
    }
}
