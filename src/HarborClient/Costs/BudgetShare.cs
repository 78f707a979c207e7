namespace HarborClient.Costs;

/// <summary>
/// What one account has leased of a budget that processes share, and what it asks for. "Touched" is what it has spent and reserved. The process never touches more than its cap, and the
/// store never counts less than the cap as leased: the cap is lowered before a claim says so, and raised after the answer. Its account guards it: not thread-safe.
/// </summary>
internal sealed class BudgetShare(BudgetSharingOptions options, string holder, TimeProvider time)
{
    /// <summary>A store that has failed is not asked again at once.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>For how long nobody asks again where nothing is free: callers that are refused come back at once, and others return money at their beats.</summary>
    private static readonly TimeSpan EmptyHolds = TimeSpan.FromMilliseconds(100);

    /// <summary>Beyond what calls need, this part of what is free: what a process that is killed takes with it.</summary>
    private const long LargestSlice = 50;

    private readonly SpendPace _pace = new(options.Beat);
    private long _cap;
    private long _capEndsAt = long.MinValue;
    private long _moreFrom;
    private long _askedAt = time.GetTimestamp();
    private long _askAgainAt = long.MinValue;
    private long _free = long.MaxValue;
    private long _reported;
    private long? _lastTotal;
    private bool _hasLostAnswer;

    /// <summary>What all calls that wait need together.</summary>
    internal long Needed { get; set; }

    internal long Sequence { get; private set; }

    /// <summary>The last claim that was answered.</summary>
    internal long Answered { get; private set; }

    /// <summary>Whether the last answer had less than calls were waiting for.</summary>
    internal bool IsExhausted { get; private set; }

    /// <summary>Whether the last claim failed.</summary>
    internal bool IsAway { get; private set; }

    internal bool RefusesForOutage => IsAway && options.Outage != BudgetOutagePolicy.Open;

    internal bool IsPaused => time.GetTimestamp() < _askAgainAt;

    internal long OthersSpent { get; private set; }

    /// <summary>What others have leased and not spent, as far as they have said.</summary>
    internal long OthersHold { get; private set; }

    /// <summary>How much may be reserved.</summary>
    internal long Room(long limit, long touched) => IsAway switch
    {
        true when options.Outage == BudgetOutagePolicy.Open => Math.Max(0, limit - OthersSpent - touched),
        true when options.Outage == BudgetOutagePolicy.Refuse => 0,
        _ => Math.Max(0, Cap - touched),
    };

    internal void OnReserved(long reserved) => _pace.OnReserved(reserved);

    /// <summary>Whether so little is left that more should be asked for before a call has to wait.</summary>
    internal bool WantsMore(long touched) => touched >= _moreFrom && !IsPaused;

    /// <summary>Whether there is something to tell the store, or to ask it for.</summary>
    internal bool IsDue(long spent, long touched) => IsAway || touched > spent || Cap > touched || spent != _reported;

    /// <summary>From here on no more is touched than the claim says, whatever becomes of the answer.</summary>
    internal BudgetClaim Claim(in ClaimSubject subject, long spent, long reserved, ClaimReason reason)
    {
        long now = time.GetTimestamp();
        _pace.Measure(spent, time.GetElapsedTime(_askedAt, now));
        _askedAt = now;
        long touched = spent + reserved;
        long kept = Math.Min(Math.Max(0, Cap - touched), KeepsOf(reserved, reason));
        long needed = subject.IsHard ? Math.Max(0, Needed - kept) : 0;
        bool wantsSlice = subject.IsHard && (reason == ClaimReason.More || (reason == ClaimReason.Beat && _pace.WasUsed));
        long slice = wantsSlice ? Math.Max(0, Slice(Math.Max(_pace.Peak, Needed)) - Math.Max(0, kept - Needed)) : 0;
        if (reason == ClaimReason.Beat) _pace.OnBeat(reserved);
        _cap = touched + kept;
        _moreFrom = long.MaxValue;
        return new BudgetClaim
        {
            Account = subject.Account,
            WindowEnds = subject.Ends,
            Holder = holder,
            Sequence = ++Sequence,
            Limit = new Money(subject.Limit),
            Spent = new Money(spent),
            Kept = new Money(_cap),
            Needed = new Money(needed),
            Wanted = new Money(needed + slice),
            Lifetime = options.LeaseTime,
        };
    }

    /// <summary>
    /// What all had spent when thresholds were last told of. Each claim tells of those that it makes pass, so that one process does; after an answer that was lost
    /// nobody knows which those were, and they are told of again rather than never.
    /// </summary>
    internal long ToldBefore(BudgetLease lease) => _hasLostAnswer && _lastTotal < lease.SpentBefore.NanoUsd ? _lastTotal.Value : lease.SpentBefore.NanoUsd;

    /// <summary>The answer to the last claim.</summary>
    /// <returns>Whether the store had been away.</returns>
    internal bool Accept(BudgetClaim claim, BudgetLease lease, long touched)
    {
        bool wasAway = Recover();
        (Answered, _reported, _lastTotal) = (claim.Sequence, claim.Spent.NanoUsd, lease.Spent.NanoUsd);
        _cap = lease.Granted.NanoUsd;

        // Counted from before the claim was sent: here it ends no later than at the store.
        _capEndsAt = _askedAt + (long)(options.LeaseTime.TotalSeconds * time.TimestampFrequency);
        _free = Math.Max(0, (claim.Limit - lease.Leased).NanoUsd);
        OthersSpent = Math.Max(0, (lease.Spent - claim.Spent).NanoUsd);
        OthersHold = Math.Max(0, (lease.Leased - lease.Granted).NanoUsd - OthersSpent);
        long beyond = _cap - touched - Needed;
        _moreFrom = beyond > 0 && lease.Granted > claim.Kept ? _cap - (beyond / 4) : long.MaxValue;
        IsExhausted = lease.Granted < claim.Kept + claim.Needed;
        if (IsExhausted) _askAgainAt = Later(EmptyHolds);
        return wasAway;
    }

    /// <summary>The store has answered, whatever it was.</summary>
    /// <returns>Whether it had been away.</returns>
    internal bool Recover()
    {
        bool wasAway = IsAway;
        (IsAway, _hasLostAnswer, _askAgainAt) = (false, false, long.MinValue);
        return wasAway;
    }

    /// <summary>The last claim has failed.</summary>
    /// <returns>Whether it is the first.</returns>
    internal bool Fail()
    {
        bool isFirst = !IsAway;
        (IsAway, _hasLostAnswer) = (true, true);
        _askAgainAt = Later(Pause);
        return isFirst;
    }

    /// <summary>A new window has begun, of which nothing is leased yet.</summary>
    internal void Restart()
    {
        (_cap, _capEndsAt, _moreFrom, _reported, OthersSpent, OthersHold, _free, _lastTotal) = (0, long.MinValue, 0, 0, 0, 0, long.MaxValue, null);
        _pace.Restart();
    }

    private long Cap => time.GetTimestamp() < _capEndsAt ? _cap : 0;

    /// <summary>
    /// What of the lease is kept beyond what is touched: at a beat what would soon be asked for again, and nothing where others find nothing free, or where nobody has reserved
    /// anything since the last.
    /// </summary>
    private long KeepsOf(long reserved, ClaimReason reason) => reason switch
    {
        ClaimReason.More => long.MaxValue,
        ClaimReason.Beat when _pace.WasUsed => Math.Min(_free, Math.Max(0, _pace.Peak - reserved) + Slice(0)),
        _ => 0,
    };

    private long Slice(long least) => Math.Min(Math.Max(_pace.Ahead, least), _free / LargestSlice);

    private long Later(TimeSpan by) => time.GetTimestamp() + (long)(by.TotalSeconds * time.TimestampFrequency);
}
