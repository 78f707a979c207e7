using HarborClient.Errors;

namespace HarborClient;

/// <summary>The ledger of what calls cost.</summary>
public sealed class LedgerOptions
{
    /// <summary>How many sums the ledger in memory keeps: one for each hour and each combination of provider, model, alias, host, tenant, user and labels that was used in it. About 350 bytes each.</summary>
    /// <value>Default 10,000; 100 to 1,000,000. The oldest hours make room; where one hour alone needs more, what comes then is kept without its tenant, user and labels. A store (<see cref="HarborBuilder.UseLedgerStore"/>) has no such limit.</value>
    public int MaximumLines { get; set; } = 10_000;

    /// <summary>A folder into which a file <c>harbor-costs-2026-11-24.csv</c> is written of every day that is over (<see cref="CostReports.DayEnded"/>), with sums by everything that reports can ask for.</summary>
    /// <value>Default <see langword="null"/>: none. Made when it is needed; a file of the same day is replaced.</value>
    public string? DailyReportFolder { get; set; }

    internal LedgerOptions Validated()
    {
        SettingCheck.Range(MaximumLines, 100, 1_000_000, "Ledger.MaximumLines");
        return new LedgerOptions { MaximumLines = MaximumLines, DailyReportFolder = DailyReportFolder is null ? null : Path.GetFullPath(DailyReportFolder) };
    }
}
