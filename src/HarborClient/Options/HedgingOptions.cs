using HarborClient.Errors;

namespace HarborClient;

/// <summary>
/// When a second attempt runs beside one that is slow to begin its answer. The one that begins first is the call's; the other is cancelled. Off until
/// <see cref="HarborBuilder.UseHedging"/> or <see cref="ModelMapBuilder.UseHedging"/> switches it on; for chat in <see cref="PerformanceMode.Full"/>.
/// </summary>
/// <remarks>
/// A call is hedged once at most, after the time in which 95 of 100 answers of its target to prompts of that size have begun (known after 20 of them), by
/// another key of the target or another target of the alias that has room to spare. Never: a call that only one provider understands (conversations, hosted
/// files, raw requests), one with tools that run at the provider, one in the background. A second attempt counts as one of the target's <see cref="RetryOptions"/>.
/// </remarks>
public sealed class HedgingOptions
{
    private const double LeastShare = 0.001;
    private const double MostShare = 0.2;

    /// <summary>No second attempt before this, however fast the target is as a rule.</summary>
    /// <value>Default 1 s; 10 ms to 1 min.</value>
    public TimeSpan MinimumDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The most second attempts, as a share of the calls that could have had one.</summary>
    /// <value>Default 0.05; 0.001 to 0.2.</value>
    public double MaximumExtraAttempts { get; set; } = 0.05;

    /// <summary>The most that second attempts may cost, as a share of what the calls that could have had one cost.</summary>
    /// <value>Default 0.02; 0.001 to 0.2.</value>
    /// <remarks>
    /// Counted in money at the prices of both targets where they are known, and otherwise in tokens. A second attempt counts with its estimated prompt, whether it
    /// wins or not; a call with what it cost. Large prompts with short answers are hedged less often for it.
    /// </remarks>
    public double MaximumExtraSpend { get; set; } = 0.02;

    internal HedgingOptions Validated(string section)
    {
        SettingCheck.Range(MinimumDelay, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), $"{section}.MinimumDelay");
        CheckShare(MaximumExtraAttempts, $"{section}.MaximumExtraAttempts");
        CheckShare(MaximumExtraSpend, $"{section}.MaximumExtraSpend");
        return (HedgingOptions)MemberwiseClone();
    }

    private static void CheckShare(double share, string setting)
    {
        if (!(share is >= LeastShare and <= MostShare)) throw ErrorFactory.Setting(ErrorKind.Configuration, FormattableString.Invariant($"{setting} must be {LeastShare} to {MostShare} (was {share})."));
    }
}
