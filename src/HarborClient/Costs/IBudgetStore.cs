namespace HarborClient;

/// <summary>
/// Where several processes keep what they have spent of budgets that they share (<see cref="HarborBuilder.UseBudgetStore(IBudgetStore, Action{BudgetSharingOptions})"/>).
/// <c>HarborClient.Redis</c> has one.
/// </summary>
/// <remarks>
/// <para>
/// A process spends from a lease: an amount that counts against the limit from the moment it is granted, whatever becomes of the process. It reserves and settles inside its
/// lease by itself, and renews it beside its calls. Called by many threads at once, for each holder by one at a time; a claim that was given up may still arrive, even after a later one.
/// </para>
/// <para>
/// In one step, for each account apart: a claim whose <see cref="BudgetClaim.Sequence"/> is not above the last one of its holder changes nothing, and is answered with the lease
/// that there is. Any other replaces the holder's lease by <see cref="BudgetClaim.Kept"/> (always: it is spent, reserved or promised already) and, as far as all leases
/// together then stay within <see cref="BudgetClaim.Limit"/>, the larger of <see cref="BudgetClaim.Needed"/> and the part of <see cref="BudgetClaim.Wanted"/> that is not above a
/// fiftieth of what is free. A lease is never lowered for its time being over: nobody knows what its holder has spent of it since. What a holder is not heard of for
/// <see cref="BudgetClaim.Lifetime"/> counts as spent, until it is heard of again. An account may be forgotten a day after its window has ended.
/// </para>
/// </remarks>
public interface IBudgetStore
{
    /// <summary>Reports what a process has spent, gives back what it does not keep, and takes more.</summary>
    /// <param name="claim">What it has, and what it would like to have.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it may spend, and how the account stands.</returns>
    ValueTask<BudgetLease> RenewAsync(BudgetClaim claim, CancellationToken cancellationToken);
}
