namespace HarborClient;

/// <summary>
/// Where several processes keep limits that they share: the buckets and slots of callers (<see cref="HarborBuilder.UseCallerLimits"/>), and what each process finds out
/// about a provider's credential. <c>HarborClient.Redis</c> has one.
/// </summary>
/// <remarks>
/// Called by many threads at once. An owner (a caller, or a credential at a provider) keeps its buckets and slots in one place, so that they can be changed in one step; no
/// operation needs two owners. A bucket or slot that does not exist is full or free; what nobody uses may be forgotten once it is full again. Time is the exchange's own,
/// the same for all processes. Nothing that fails here fails a call: an operation that throws or takes more than 50 ms is given up, the process goes on with the limits it
/// keeps itself, and asks again two seconds later.
/// </remarks>
public interface ILimitExchange
{
    /// <summary>Takes from buckets and takes a slot, in one step: everything or nothing.</summary>
    /// <param name="owner">Whose buckets and slots.</param>
    /// <param name="amounts">
    /// From which buckets and how much. A bucket has enough when it holds the amount or, for an amount above its capacity, when it is full; the whole amount is taken, so its level
    /// may fall below zero. An amount of zero needs a level that is not below zero.
    /// </param>
    /// <param name="slot">The slot; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Taken, or who refused and for how long.</returns>
    ValueTask<LimitTaken> TakeAsync(string owner, IReadOnlyList<BucketAmount> amounts, LimitSlot? slot, CancellationToken cancellationToken);

    /// <summary>Corrects what was taken by what was used, whatever the level, and gives a slot back.</summary>
    /// <param name="owner">Whose buckets and slots.</param>
    /// <param name="corrections">Used minus taken, for each bucket; the level never rises above the capacity.</param>
    /// <param name="slotId">The slot; <see langword="null"/> for none. One that is not held is passed over.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What each bucket then holds; below zero when too much was used.</returns>
    ValueTask<IReadOnlyList<long>> SettleAsync(string owner, IReadOnlyList<BucketAmount> corrections, string? slotId, CancellationToken cancellationToken);

    /// <summary>Keeps slots for another lifetime; those that are not held are passed over.</summary>
    /// <param name="owner">Whose slots.</param>
    /// <param name="slotIds">Which.</param>
    /// <param name="lifetime">From now on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that completes when it is done.</returns>
    ValueTask RenewAsync(string owner, IReadOnlyList<string> slotIds, TimeSpan lifetime, CancellationToken cancellationToken);

    /// <summary>Publishes what this process allows itself at a credential, and returns the mean over all processes that live.</summary>
    /// <param name="owner">The credential at its provider; the same name in every process, and not the credential itself.</param>
    /// <param name="process">A name of this process's own.</param>
    /// <param name="own">What it allows itself.</param>
    /// <param name="lifetime">A process that did not publish for this long is dead.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The mean, this process included, and how many processes there are.</returns>
    ValueTask<LimitShare> ExchangeAsync(string owner, string process, LimitShare own, TimeSpan lifetime, CancellationToken cancellationToken);
}
