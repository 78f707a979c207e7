using HarborClient.Errors;

namespace HarborClient;

/// <summary>How many requests go to a provider at once and how fast, for each of its keys and families of models.</summary>
/// <remarks>
/// Balanced and Full wait for a permit; Fast only counts. The limit in force adapts between <see cref="MinimumInFlight"/> and <see cref="MaximumInFlight"/>
/// by the time to the first update and by refusals; rates are learned from the provider's headers where they are not set here.
/// </remarks>
public sealed class LimitOptions
{
    /// <summary>Most requests in flight.</summary>
    /// <value>Default 200; 1 to 100,000.</value>
    public int MaximumInFlight { get; set; } = 200;

    /// <summary>The limit never adapts below this.</summary>
    /// <value>Default 1; 1 to <see cref="MaximumInFlight"/>.</value>
    public int MinimumInFlight { get; set; } = 1;

    /// <summary>The limit before anything is known of the host. It grows by one with every answer that begins, until something speaks against it.</summary>
    /// <value>Default 8, or what <see cref="MaximumInFlight"/> allows; from <see cref="MinimumInFlight"/> to <see cref="MaximumInFlight"/>.</value>
    public int? InitialInFlight { get; set; }

    /// <summary>Requests a minute.</summary>
    /// <value>Default <see langword="null"/>: learned from the provider's headers; 1 to 100,000,000.</value>
    public int? RequestsPerMinute { get; set; }

    /// <summary>Tokens a minute, of prompts and answers together, estimated before and settled after.</summary>
    /// <value>Default <see langword="null"/>: learned from the provider's headers; 1 to 1,000,000,000,000.</value>
    public long? TokensPerMinute { get; set; }

    /// <summary>Longest wait for a permit. Exceeding it is <see cref="ErrorKind.NoPermit"/>; the next target is asked.</summary>
    /// <value>Default 5 s; 0 to 1 h.</value>
    public TimeSpan MaximumWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Most calls that wait for a permit; beyond it the least important are refused.</summary>
    /// <value>Default 1,000; 0 to 1,000,000.</value>
    public int MaximumQueued { get; set; } = 1000;

    /// <summary>Targets that move the limit and the size of micro-batches together.</summary>
    /// <value>Never <see langword="null"/>; off until a target is set.</value>
    public TuningOptions Tuning { get; private set; } = new();

    internal LimitOptions Validated(string section)
    {
        SettingCheck.Range(MaximumInFlight, 1, 100_000, $"{section}.Limits.MaximumInFlight");
        SettingCheck.Range(MinimumInFlight, 1, MaximumInFlight, $"{section}.Limits.MinimumInFlight", mostIs: nameof(MaximumInFlight));
        if (InitialInFlight is { } initial) SettingCheck.Range(initial, MinimumInFlight, MaximumInFlight, $"{section}.Limits.InitialInFlight", nameof(MinimumInFlight), nameof(MaximumInFlight));
        if (RequestsPerMinute is { } requests) SettingCheck.Range(requests, 1, 100_000_000, $"{section}.Limits.RequestsPerMinute");
        if (TokensPerMinute is { } tokens) SettingCheck.Range(tokens, 1, 1_000_000_000_000, $"{section}.Limits.TokensPerMinute");
        SettingCheck.Range(MaximumWait, TimeSpan.Zero, TimeSpan.FromHours(1), $"{section}.Limits.MaximumWait");
        SettingCheck.Range(MaximumQueued, 0, 1_000_000, $"{section}.Limits.MaximumQueued");
        var copy = (LimitOptions)MemberwiseClone();
        copy.Tuning = Tuning.Validated($"{section}.Limits");
        return copy;
    }
}
