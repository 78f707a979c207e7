using HarborClient.Errors;

namespace HarborClient;

/// <summary>The clocks of every call; <see cref="HarborChatOptions"/> overrides them for one call, <see cref="ModelMapBuilder.WithDefaults"/> for an alias.</summary>
/// <remarks>The fourth clock, Connect, belongs to the connection pool: <see cref="TransportOptions.ConnectTimeout"/>.</remarks>
public sealed class ClockOptions
{
    internal static readonly TimeSpan ReasoningTimeout = TimeSpan.FromSeconds(300);

    /// <summary>Longest wait for the first update of a streamed answer.</summary>
    /// <value>Default <see langword="null"/>: 30 s, and 300 s with reasoning or server tools; 100 ms to 1 h. <see cref="Timeout.InfiniteTimeSpan"/> turns the clock off.</value>
    /// <remarks>Counts per streamed attempt, from the moment the request is written. Exceeding it is transient: the next target is asked.</remarks>
    public TimeSpan? FirstUpdateTimeout { get; set; }

    /// <summary>Longest silence between two events of a streamed answer.</summary>
    /// <value>Default <see langword="null"/>: 60 s, and 300 s with reasoning or server tools; 100 ms to 1 h. <see cref="Timeout.InfiniteTimeSpan"/> turns the clock off.</value>
    /// <remarks>Reset by every parsed event except comments and pings; runs only while a read is pending, so a slow consumer never trips it.</remarks>
    public TimeSpan? IdleTimeout { get; set; }

    /// <summary>Longest duration of a call, all attempts and waits included.</summary>
    /// <value>Default 10 min; 100 ms to 24 h. <see cref="Timeout.InfiniteTimeSpan"/> turns the clock off.</value>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromMinutes(10);

    internal TimeSpan FirstUpdateFor(bool thinks) => FirstUpdateTimeout ?? (thinks ? ReasoningTimeout : TimeSpan.FromSeconds(30));

    internal TimeSpan IdleFor(bool thinks) => IdleTimeout ?? (thinks ? ReasoningTimeout : TimeSpan.FromSeconds(60));

    internal ClockOptions Validated()
    {
        SettingCheck.Clock(FirstUpdateTimeout, "Clocks.FirstUpdateTimeout", SettingCheck.OneHour);
        SettingCheck.Clock(IdleTimeout, "Clocks.IdleTimeout", SettingCheck.OneHour);
        SettingCheck.Clock(TotalTimeout, "Clocks.TotalTimeout", SettingCheck.OneDay);
        return (ClockOptions)MemberwiseClone();
    }
}
