using HarborClient.Errors;

namespace HarborClient;

/// <summary>Targets that move the limit on requests in flight, and with it the size of micro-batches. Off until a target is set.</summary>
/// <remarks>
/// Every five seconds with at least ten answers both are lowered by a fifth of what they are above their minimum where a target is missed, and raised by a little where
/// both are met with room to spare. The limit moves between <see cref="LimitOptions.MinimumInFlight"/> and <see cref="LimitOptions.MaximumInFlight"/>, and the adaptive limit goes
/// on working below it. The micro-batch is how many texts an embedding request has at most: fewer calls share one, and a call with more becomes several. It never exceeds
/// <see cref="EmbeddingBatchOptions.MaxItems"/>. <see cref="FastClient.Health"/> shows both.
/// </remarks>
public sealed class TuningOptions
{
    /// <summary>How long the first update of an answer may take, for 95 of 100 requests.</summary>
    /// <value>Default <see langword="null"/>: no such target; 1 ms to 1 h.</value>
    public TimeSpan? TargetLatency { get; set; }

    /// <summary>The share of requests that the host may refuse or fail.</summary>
    /// <value>Default <see langword="null"/>: no such target; above 0, below 1.</value>
    public double? TargetErrorRate { get; set; }

    /// <summary>The smallest micro-batch, in texts.</summary>
    /// <value>Default 1; 1 to <see cref="MaximumBatch"/>.</value>
    public int MinimumBatch { get; set; } = 1;

    /// <summary>The largest micro-batch, in texts.</summary>
    /// <value>Default 128; 1 to 100,000. A provider's own limit stays in force (<see cref="EmbeddingBatchOptions.MaxItems"/>).</value>
    public int MaximumBatch { get; set; } = 128;

    internal TuningOptions Validated(string section)
    {
        if (TargetLatency is { } latency) SettingCheck.Range(latency, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), $"{section}.Tuning.TargetLatency");
        if (TargetErrorRate is { } rate && !(rate is > 0 and < 1))
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.Tuning.TargetErrorRate must be above 0 and below 1 (was {rate}).");
        SettingCheck.Range(MaximumBatch, 1, 100_000, $"{section}.Tuning.MaximumBatch");
        SettingCheck.Range(MinimumBatch, 1, MaximumBatch, $"{section}.Tuning.MinimumBatch", mostIs: nameof(MaximumBatch));
        return (TuningOptions)MemberwiseClone();
    }
}
