using HarborClient.Errors;

namespace HarborClient;

/// <summary>When a failed request is sent again. Only transient errors are: never a bad request, a rejected key, filtered content or a used-up quota.</summary>
/// <remarks>
/// Per provider, or per alias (<c>MapModel(…, map => map.UseRetry(…))</c>). Balanced and Full retry; Fast asks each target once. All waits together stay inside
/// the call's Total clock: a wait that does not fit is not begun.
/// </remarks>
public sealed class RetryOptions
{
    /// <summary>Most attempts at one target where nobody else can answer; over the whole call, one attempt a target and this many less one besides.</summary>
    /// <remarks>Those besides go to the target that may have hiccuped: the same one, or an earlier one when the others turn out dead.</remarks>
    /// <value>Default 3; 1 to 10. 1 turns retries off.</value>
    public int MaximumAttempts { get; set; } = 3;

    /// <summary>The first back-off is drawn evenly from zero to this, the next from zero to twice this, and so on (full jitter).</summary>
    /// <value>Default 0.5 s; 1 ms to 1 min.</value>
    public TimeSpan BaseDelay { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest back-off of our own choice.</summary>
    /// <value>Default 8 s, as in the providers' own clients; 1 ms to 10 min, not less than <see cref="BaseDelay"/>.</value>
    public TimeSpan MaximumDelay { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>The longest wait that a host may ask for (<c>Retry-After</c>) before the next target is asked instead.</summary>
    /// <value>Default 5 s; 0 to 1 h. With no other target left a longer one is waited out too, if it fits the Total clock.</value>
    public TimeSpan MaximumRetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    internal RetryOptions Validated(string section)
    {
        SettingCheck.Range(MaximumAttempts, 1, 10, $"{section}.Retry.MaximumAttempts");
        SettingCheck.Range(BaseDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1), $"{section}.Retry.BaseDelay");
        SettingCheck.Range(MaximumDelay, BaseDelay, TimeSpan.FromMinutes(10), $"{section}.Retry.MaximumDelay", nameof(BaseDelay));
        SettingCheck.Range(MaximumRetryAfter, TimeSpan.Zero, TimeSpan.FromHours(1), $"{section}.Retry.MaximumRetryAfter");
        return (RetryOptions)MemberwiseClone();
    }
}
