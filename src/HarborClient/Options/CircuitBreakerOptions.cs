using HarborClient.Errors;

namespace HarborClient;

/// <summary>When a target that keeps failing is left alone for a while. Counted are failures of the host (5xx, no connection, no answer in time), not refusals of a request, rate limits or cancellations.</summary>
/// <remarks>Per provider, or per alias (<c>MapModel(…, map => map.UseCircuitBreaker(…))</c>); a breaker belongs to one target and is shared by all modes.</remarks>
public sealed class CircuitBreakerOptions
{
    /// <summary>The share of failed attempts within <see cref="Window"/> at which the breaker opens.</summary>
    /// <value>Default 0.5; above 0, up to 1.</value>
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>Fewer attempts than this within <see cref="Window"/> say nothing.</summary>
    /// <value>Default 10; 1 to 1,000,000.</value>
    public int MinimumAttempts { get; set; } = 10;

    /// <summary>How far back attempts count.</summary>
    /// <value>Default 30 s; 1 s to 10 min.</value>
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a breaker stays open before one attempt may probe the target.</summary>
    /// <value>Default 5 s; 100 ms to 10 min.</value>
    /// <remarks>A break that follows a failed probe lasts a twelfth of the outage so far, between this and <see cref="MaximumBreak"/>: who was away for a minute is found again within five seconds, and a host that stays away is asked ever less often.</remarks>
    public TimeSpan Break { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest break.</summary>
    /// <value>Default 60 s; <see cref="Break"/> to 1 h.</value>
    public TimeSpan MaximumBreak { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How many probes in a row have to succeed before the breaker closes.</summary>
    /// <value>Default 2; 1 to 100.</value>
    public int SuccessesToClose { get; set; } = 2;

    internal CircuitBreakerOptions Validated(string section)
    {
        if (!(FailureRatio is > 0 and <= 1)) throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.CircuitBreaker.FailureRatio must be above 0 and at most 1 (was {FailureRatio}).");
        SettingCheck.Range(MinimumAttempts, 1, 1_000_000, $"{section}.CircuitBreaker.MinimumAttempts");
        SettingCheck.Range(Window, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), $"{section}.CircuitBreaker.Window");
        SettingCheck.Range(Break, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), $"{section}.CircuitBreaker.Break");
        SettingCheck.Range(MaximumBreak, Break, TimeSpan.FromHours(1), $"{section}.CircuitBreaker.MaximumBreak", nameof(Break));
        SettingCheck.Range(SuccessesToClose, 1, 100, $"{section}.CircuitBreaker.SuccessesToClose");
        return (CircuitBreakerOptions)MemberwiseClone();
    }
}
