namespace HarborClient.Tests.Costs;

// A store in memory, for clients that play several processes. It can be made to fail, to answer nothing, or to lose its answers.
internal sealed class MemoryBudgetStore(TimeProvider time) : IBudgetStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Account> _accounts = [];

    // What every claim throws, unheard.
    public Exception? Failure { get; set; }

    // Claims are heard, and their answers are lost.
    public bool LosesAnswers { get; set; }

    // Claims do not complete, are not heard, and do not look at their token.
    public bool IsSilent { get; set; }

    public int Claims { get; private set; }

    public IReadOnlyCollection<string> Accounts
    {
        get
        {
            lock (_gate) return [.. _accounts.Keys];
        }
    }

    public long Leased
    {
        get
        {
            lock (_gate) return _accounts.Values.Sum(account => account.Holders.Values.Sum(holder => holder.Lease));
        }
    }

    public long Spent
    {
        get
        {
            lock (_gate) return _accounts.Values.Sum(account => account.Holders.Values.Sum(holder => holder.Spent));
        }
    }

    public ValueTask<BudgetLease> RenewAsync(BudgetClaim claim, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Claims++;
            if (IsSilent) return new ValueTask<BudgetLease>(new TaskCompletionSource<BudgetLease>().Task);
            if (Failure is { } failure) return ValueTask.FromException<BudgetLease>(failure);
            BudgetLease lease = Apply(claim);
            return LosesAnswers ? ValueTask.FromException<BudgetLease>(new IOException("The answer was lost.")) : ValueTask.FromResult(lease);
        }
    }

    // The rules of IBudgetStore, in the order of the Redis script.
    public BudgetLease Apply(BudgetClaim claim)
    {
        lock (_gate)
        {
            if (!_accounts.TryGetValue(claim.Account, out Account? account)) _accounts.Add(claim.Account, account = new Account());
            long before = account.Spent;
            DateTimeOffset now = time.GetUtcNow();
            foreach (Holder dead in account.Holders.Values.Where(holder => holder.Lease > holder.Spent && holder.HeardUntil <= now)) dead.Lost = dead.Lease - dead.Spent;
            if (!account.Holders.TryGetValue(claim.Holder, out Holder? own)) account.Holders.Add(claim.Holder, own = new Holder());
            if (claim.Sequence > own.Sequence)
            {
                long kept = claim.Kept.NanoUsd;
                long free = Math.Max(0, claim.Limit.NanoUsd - (account.Leased - own.Lease) - kept);
                own.Lease = kept + Math.Min(free, Math.Max(claim.Needed.NanoUsd, Math.Min(claim.Wanted.NanoUsd, free / 50)));
                (own.Sequence, own.Spent, own.Lost, own.HeardUntil) = (claim.Sequence, claim.Spent.NanoUsd, 0, now + claim.Lifetime);
            }

            return new BudgetLease(new Money(own.Lease), new Money(account.Leased), new Money(account.Spent), new Money(before));
        }
    }

    public override string ToString() => "memory (UseMemoryBudgets)";

    private sealed class Account
    {
        public Dictionary<string, Holder> Holders { get; } = [];

        public long Leased => Holders.Values.Sum(holder => holder.Lease);

        public long Spent => Holders.Values.Sum(holder => holder.Spent + holder.Lost);
    }

    private sealed class Holder
    {
        public long Sequence { get; set; }

        public long Spent { get; set; }

        public long Lease { get; set; }

        public long Lost { get; set; }

        public DateTimeOffset HeardUntil { get; set; }
    }
}
