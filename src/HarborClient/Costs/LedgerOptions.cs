using HarborClient.Errors;

namespace HarborClient;

/// <summary>The ledger of what calls cost.</summary>
public sealed class LedgerOptions
{
    /// <summary>How many sums the ledger in memory keeps: one for each hour and each combination of provider, model, alias, host, tenant, user and labels that was used in it. About 350 bytes each.</summary>
    /// <value>Default 10,000; 100 to 1,000,000. The oldest hours make room.</value>
    public int MaximumLines { get; set; } = 10_000;

    internal LedgerOptions Validated()
    {
        SettingCheck.Range(MaximumLines, 100, 1_000_000, "Ledger.MaximumLines");
        return new LedgerOptions { MaximumLines = MaximumLines };
    }
}
