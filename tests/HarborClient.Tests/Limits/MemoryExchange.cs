namespace HarborClient.Tests.Limits;

// An exchange in memory, for clients that play several processes. It can be made to fail, or to answer nothing.
internal sealed class MemoryExchange(TimeProvider time) : ILimitExchange
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _fullAt = [];
    private readonly Dictionary<(string Owner, string Slot), DateTimeOffset> _slots = [];
    private readonly Dictionary<(string Owner, string Process), (LimitShare Share, DateTimeOffset DeadAt)> _shares = [];

    // What every operation throws.
    public Exception? Failure { get; set; }

    // Operations do not complete, and do not look at their token.
    public bool IsSilent { get; set; }

    public int Operations { get; private set; }

    // What calls ask for; what processes tell one another of their routes comes besides.
    public int Takes { get; private set; }

    public int Renewals { get; private set; }

    public int Slots
    {
        get
        {
            lock (_gate) return _slots.Count(slot => slot.Value > time.GetUtcNow());
        }
    }

    public int ProcessesAt(string owner)
    {
        lock (_gate) return _shares.Count(share => share.Key.Owner == owner && share.Value.DeadAt > time.GetUtcNow());
    }

    public ValueTask<LimitTaken> TakeAsync(string owner, IReadOnlyList<BucketAmount> amounts, LimitSlot? slot, CancellationToken cancellationToken)
    {
        lock (_gate) Takes++;
        return Do(() => Take(owner, amounts, slot));
    }

    private LimitTaken Take(string owner, IReadOnlyList<BucketAmount> amounts, LimitSlot? slot)
    {
        DateTimeOffset now = time.GetUtcNow();
        for (int i = 0; i < amounts.Count; i++)
        {
            LimitBucket bucket = amounts[i].Bucket;
            TimeSpan wait = FullAt(owner, bucket, now) + Cost(bucket, Math.Min(bucket.Capacity, amounts[i].Amount)) - bucket.Period - now;
            if (wait > TimeSpan.Zero) return LimitTaken.Refused(i, wait);
        }

        if (slot is not null && _slots.Count(held => held.Key.Owner == owner && held.Value > now) >= slot.Maximum) return LimitTaken.Refused(amounts.Count, TimeSpan.Zero);
        foreach (BucketAmount amount in amounts) _fullAt[owner + amount.Bucket.Name] = FullAt(owner, amount.Bucket, now) + Cost(amount.Bucket, amount.Amount);
        if (slot is not null) _slots[(owner, slot.Id)] = now + slot.Lifetime;
        return LimitTaken.Taken;
    }

    public ValueTask<IReadOnlyList<long>> SettleAsync(string owner, IReadOnlyList<BucketAmount> corrections, string? slotId, CancellationToken cancellationToken) => Do(() =>
    {
        DateTimeOffset now = time.GetUtcNow();
        if (slotId is not null) _slots.Remove((owner, slotId));
        foreach (BucketAmount amount in corrections) _fullAt[owner + amount.Bucket.Name] = FullAt(owner, amount.Bucket, now) + Cost(amount.Bucket, amount.Amount);
        return (IReadOnlyList<long>)[.. corrections.Select(amount => (long)(amount.Bucket.Capacity * (1 - ((FullAt(owner, amount.Bucket, now) - now) / amount.Bucket.Period))))];
    });

    public async ValueTask RenewAsync(string owner, IReadOnlyList<string> slotIds, TimeSpan lifetime, CancellationToken cancellationToken) => await Do(() =>
    {
        foreach (string slot in slotIds.Where(slot => _slots.ContainsKey((owner, slot)))) _slots[(owner, slot)] = time.GetUtcNow() + lifetime;
        return ++Renewals;
    }).ConfigureAwait(false);

    public ValueTask<LimitShare> ExchangeAsync(string owner, string process, LimitShare own, TimeSpan lifetime, CancellationToken cancellationToken) => Do(() =>
    {
        _shares[(owner, process)] = (own, time.GetUtcNow() + lifetime);
        LimitShare[] all = [.. _shares.Where(share => share.Key.Owner == owner && share.Value.DeadAt > time.GetUtcNow()).Select(share => share.Value.Share)];
        return new LimitShare(all.Average(share => share.Limit), all.Average(share => share.Maximum), all.Length);
    });

    private ValueTask<T> Do<T>(Func<T> work)
    {
        lock (_gate)
        {
            Operations++;
            if (IsSilent) return new ValueTask<T>(new TaskCompletionSource<T>().Task);
            return Failure is { } failure ? ValueTask.FromException<T>(failure) : ValueTask.FromResult(work());
        }
    }

    private DateTimeOffset FullAt(string owner, LimitBucket bucket, DateTimeOffset now) => _fullAt.TryGetValue(owner + bucket.Name, out DateTimeOffset at) && at > now ? at : now;

    private static TimeSpan Cost(LimitBucket bucket, long amount) => TimeSpan.FromTicks((long)((double)bucket.Period.Ticks * amount / bucket.Capacity));
}
