using HarborClient.Errors;

namespace HarborClient;

/// <summary>How a process shares its budgets with others (<see cref="HarborBuilder.UseBudgetStore(IBudgetStore, Action{BudgetSharingOptions})"/>).</summary>
public sealed class BudgetSharingOptions
{
    /// <summary>What calls in a hard budget do while the store does not answer. Calls in soft budgets go on.</summary>
    /// <value>Default <see cref="BudgetOutagePolicy.Refuse"/>.</value>
    public BudgetOutagePolicy Outage { get; set; }

    /// <summary>How long a lease lasts. It is renewed six times in that time, and then what is not used goes back.</summary>
    /// <value>Default 30 s; 3 s to 10 min.</value>
    /// <remarks>
    /// A process that is killed is not heard of any more, and cannot say what it has spent of its lease: the lease counts as spent until the window ends. That is what it had
    /// reserved, at most as much as it had reserved at once in the two renewals before, and a slice: about ten seconds of its spending, not more than a fiftieth of what was free.
    /// </remarks>
    public TimeSpan LeaseTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest that a call waits for the store, where its process has not leased enough for it. Its own deadline may be sooner.</summary>
    /// <value>Default 1 s; 10 ms to 10 s.</value>
    public TimeSpan MaximumWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often leases are renewed.</summary>
    internal TimeSpan Beat => LeaseTime / 6;

    internal BudgetSharingOptions Validated()
    {
        SettingCheck.Defined<BudgetOutagePolicy>(Outage, "BudgetSharing.Outage");
        SettingCheck.Range(LeaseTime, TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(10), "BudgetSharing.LeaseTime");
        SettingCheck.Range(MaximumWait, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10), "BudgetSharing.MaximumWait");
        return new BudgetSharingOptions { Outage = Outage, LeaseTime = LeaseTime, MaximumWait = MaximumWait };
    }
}
