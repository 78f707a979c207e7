namespace HarborClient.DependencyInjection;

/// <summary>The Clocks section: what it leaves out stays as code set it.</summary>
internal sealed class ClockSection
{
    public TimeSpan? FirstUpdateTimeout { get; set; }

    public TimeSpan? IdleTimeout { get; set; }

    public TimeSpan? TotalTimeout { get; set; }

    internal void ApplyTo(ClockOptions clocks)
    {
        clocks.FirstUpdateTimeout = FirstUpdateTimeout ?? clocks.FirstUpdateTimeout;
        clocks.IdleTimeout = IdleTimeout ?? clocks.IdleTimeout;
        clocks.TotalTimeout = TotalTimeout ?? clocks.TotalTimeout;
    }
}
