namespace HarborClient.DependencyInjection;

/// <summary>The Ledger section; what it leaves out stays as code set it.</summary>
internal sealed class LedgerSection
{
    public int? MaximumLines { get; set; }

    public string? DailyReportFolder { get; set; }

    internal void ApplyTo(LedgerOptions options)
    {
        options.MaximumLines = MaximumLines ?? options.MaximumLines;
        options.DailyReportFolder = DailyReportFolder ?? options.DailyReportFolder;
    }
}
