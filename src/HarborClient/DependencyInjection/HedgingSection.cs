namespace HarborClient.DependencyInjection;

/// <summary>The Hedging section: any setting in it switches hedging on; what it leaves out stays as code set it.</summary>
internal sealed class HedgingSection
{
    public TimeSpan? MinimumDelay { get; set; }

    public double? MaximumExtraAttempts { get; set; }

    public double? MaximumExtraSpend { get; set; }

    internal void ApplyTo(HedgingOptions options)
    {
        options.MinimumDelay = MinimumDelay ?? options.MinimumDelay;
        options.MaximumExtraAttempts = MaximumExtraAttempts ?? options.MaximumExtraAttempts;
        options.MaximumExtraSpend = MaximumExtraSpend ?? options.MaximumExtraSpend;
    }
}
