using HarborClient.Errors;

namespace HarborClient;

/// <summary>How much each key of a provider may be used in a day. A key whose quota is used up is passed over until midnight; with none left the call fails with <see cref="ErrorKind.QuotaExhausted"/>, or goes to the next target.</summary>
/// <remarks>Counted in this process and from its start, whatever a ledger says, as attempts end: those that are under way when it is used up are not stopped. A budget (<see cref="HarborBuilder.AddBudget"/>) is exact.</remarks>
public sealed class KeyQuotaOptions
{
    /// <summary>Tokens a day, input and output together.</summary>
    /// <value>Default <see langword="null"/>: no quota; at least 1.</value>
    public long? TokensPerDay { get; set; }

    /// <summary>US dollars a day.</summary>
    /// <value>Default <see langword="null"/>: no quota; more than 0.</value>
    public decimal? UsdPerDay { get; set; }

    /// <summary>Whose midnight ends the day: a name that <see cref="TimeZoneInfo.FindSystemTimeZoneById"/> knows.</summary>
    /// <value>Default <c>UTC</c>.</value>
    public string TimeZone { get; set; } = "UTC";

    internal bool IsSet => TokensPerDay is not null || UsdPerDay is not null;

    internal KeyQuotaOptions? Validated(string section)
    {
        if (!IsSet) return null;
        if (TokensPerDay is < 1) throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.KeyQuota.TokensPerDay must be at least 1 (was {TokensPerDay}).");
        if (UsdPerDay is <= 0 or > 1_000_000_000) throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.KeyQuota.UsdPerDay must be more than 0, and 1,000,000,000 at most (was {UsdPerDay}).");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _)) throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.KeyQuota.TimeZone is not a time zone of this machine (was '{ErrorFactory.Quote(TimeZone)}').");
        return new KeyQuotaOptions { TokensPerDay = TokensPerDay, UsdPerDay = UsdPerDay, TimeZone = TimeZone };
    }
}
