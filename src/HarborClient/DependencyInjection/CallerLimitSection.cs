namespace HarborClient.DependencyInjection;

/// <summary>The CallerLimits section: what it leaves out stays as code set it.</summary>
internal sealed class CallerLimitSection
{
    public CallerLimit? PerUser { get; set; }

    public CallerLimit? PerTenant { get; set; }

    public int? MaximumCallers { get; set; }

    internal void ApplyTo(CallerLimitOptions options)
    {
        options.MaximumCallers = MaximumCallers ?? options.MaximumCallers;
        if (PerUser is { } user) Apply(user, options.PerUser);
        if (PerTenant is { } tenant) Apply(tenant, options.PerTenant);
    }

    private static void Apply(CallerLimit read, CallerLimit target)
    {
        target.RequestsPerSecond = read.RequestsPerSecond ?? target.RequestsPerSecond;
        target.RequestsPerMinute = read.RequestsPerMinute ?? target.RequestsPerMinute;
        target.TokensPerMinute = read.TokensPerMinute ?? target.TokensPerMinute;
        target.InFlight = read.InFlight ?? target.InFlight;
    }
}
