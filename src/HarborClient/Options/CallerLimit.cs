using HarborClient.Errors;

namespace HarborClient;

/// <summary>What one caller, a user or a tenant, may ask for. Everything is off until it is set.</summary>
/// <remarks>
/// Each rate is a bucket: it holds the whole amount, refills evenly, and calls that find it empty are refused. A call is counted once, however many attempts it
/// takes; a call that was refused is not counted. Requests of embedding calls that share one count once, and looking at the state of a job does not count.
/// </remarks>
public sealed class CallerLimit
{
    /// <summary>Calls a second.</summary>
    /// <value>Default <see langword="null"/>: no limit; 1 to 1,000,000.</value>
    public int? RequestsPerSecond { get; set; }

    /// <summary>Calls a minute.</summary>
    /// <value>Default <see langword="null"/>: no limit; 1 to 100,000,000.</value>
    public int? RequestsPerMinute { get; set; }

    /// <summary>
    /// Tokens a minute, of prompts and answers together. Before the call the prompt is estimated and MaxOutputTokens is added, where it is set; when the call ends
    /// the usage that was reported takes their place.
    /// </summary>
    /// <value>Default <see langword="null"/>: no limit; 1 to 1,000,000,000,000.</value>
    /// <remarks>A call that asks for more than the limit passes when the whole of it is unused. What was used beyond the limit is paid off before the next call.</remarks>
    public long? TokensPerMinute { get; set; }

    /// <summary>Calls in flight, a stream until it is read to its end or disposed.</summary>
    /// <value>Default <see langword="null"/>: no limit; 1 to 1,000,000.</value>
    public int? InFlight { get; set; }

    internal bool IsOff => RequestsPerSecond is null && RequestsPerMinute is null && TokensPerMinute is null && InFlight is null;

    internal CallerLimit Validated(string section)
    {
        if (RequestsPerSecond is { } second) SettingCheck.Range(second, 1, 1_000_000, $"{section}.RequestsPerSecond");
        if (RequestsPerMinute is { } minute) SettingCheck.Range(minute, 1, 100_000_000, $"{section}.RequestsPerMinute");
        if (TokensPerMinute is { } tokens) SettingCheck.Range(tokens, 1, 1_000_000_000_000, $"{section}.TokensPerMinute");
        if (InFlight is { } inFlight) SettingCheck.Range(inFlight, 1, 1_000_000, $"{section}.InFlight");
        return (CallerLimit)MemberwiseClone();
    }
}
