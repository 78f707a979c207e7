namespace HarborClient.Limits;

/// <summary>
/// What users and tenants may ask for: a call enters with what it is expected to use, is refused or gets a lease, and settles with what it used. This process's own buckets come
/// first; where there is an exchange, those of all processes after them. One lock: what it guards takes less time than the lock itself.
/// </summary>
internal sealed class CallerLimits(CallerLimitOptions options, TimeProvider time, LimitSharing? sharing)
{
    private readonly Lock _gate = new();
    private readonly CallerKind? _users = CallerKind.Of("user", "CallerLimits.PerUser", options.PerUser, options.MaximumCallers, time);
    private readonly CallerKind? _tenants = CallerKind.Of("tenant", "CallerLimits.PerTenant", options.PerTenant, options.MaximumCallers, time);

    /// <summary>Whether there is a limit for one of them.</summary>
    internal bool Apply(string? user, string? tenant) => (user is not null && _users is not null) || (tenant is not null && _tenants is not null);

    /// <summary>Whether the tokens of a call of theirs matter.</summary>
    internal bool CountTokens(string? user, string? tenant) => (user is not null && _users?.CountsTokens == true) || (tenant is not null && _tenants?.CountsTokens == true);

    /// <summary>Lets a call in.</summary>
    /// <exception cref="HarborException">A limit is used up (RateLimited).</exception>
    internal ValueTask<CallerLease> EnterAsync(string? user, string? tenant, long tokens)
    {
        CallerLease lease = Enter(user, tenant, tokens);
        return sharing is null ? new ValueTask<CallerLease>(lease) : ShareAsync(lease, sharing);
    }

    internal void Leave(CallerLease lease, long tokensUsed)
    {
        long more = tokensUsed - lease.Tokens;
        lock (_gate)
        {
            long now = time.GetTimestamp();
            lease.User?.Kind.Settle(lease.User.State, now, lease.StartedAt, more);
            lease.Tenant?.Kind.Settle(lease.Tenant.State, now, lease.StartedAt, more);
        }

        if (sharing is null) return;
        if (lease.User is { } user) Post(user, user.IsShared ? user.Kind.Correction(more) : []);
        if (lease.Tenant is { } tenant) Post(tenant, tenant.IsShared ? tenant.Kind.Correction(more) : []);
    }

    private CallerLease Enter(string? user, string? tenant, long tokens)
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            CallerUse? ofUser = UseOf(_users, user, now);
            CallerUse? ofTenant = UseOf(_tenants, tenant, now);

            // Both are looked at before either is taken from: a call that is refused has used nothing.
            if ((RefusalOf(ofUser, now, tokens) ?? RefusalOf(ofTenant, now, tokens)) is { } refusal) throw refusal;
            ofUser?.Kind.Take(ofUser.State, now, tokens);
            ofTenant?.Kind.Take(ofTenant.State, now, tokens);
            return new CallerLease(this, ofUser, ofTenant, tokens, now);
        }
    }

    private async ValueTask<CallerLease> ShareAsync(CallerLease lease, LimitSharing exchange)
    {
        HarborException? refusal = await TakeAsync(lease.User, lease.Tokens, exchange).ConfigureAwait(false)
            ?? await TakeAsync(lease.Tenant, lease.Tokens, exchange).ConfigureAwait(false);
        if (refusal is null) return lease;
        Undo(lease);
        throw refusal;
    }

    private static async ValueTask<HarborException?> TakeAsync(CallerUse? use, long tokens, LimitSharing exchange)
    {
        if (use is null) return null;
        LimitSlot? slot = use.Kind.InFlight is { } most ? exchange.NewSlot(most) : null;
        LimitTaken? taken = await exchange.TakeAsync(use.Kind.OwnerOf(use.Name), use.Kind.Amounts(tokens), slot).ConfigureAwait(false);
        if (taken is { IsTaken: false } refused) return use.Kind.Refusal(use.Name, refused);
        use.IsShared = taken is not null;
        use.Slot = slot;
        return null;
    }

    /// <summary>All processes together refused what this one alone would have allowed: nothing was used.</summary>
    private void Undo(CallerLease lease)
    {
        lock (_gate)
        {
            lease.User?.Kind.TakeBack(lease.User.State, lease.Tokens);
            lease.Tenant?.Kind.TakeBack(lease.Tenant.State, lease.Tokens);
        }

        if (lease.User is { IsShared: true } user) Post(user, user.Kind.Undone(lease.Tokens));
    }

    private void Post(CallerUse use, BucketAmount[] corrections)
    {
        if (corrections.Length > 0 || use.Slot is not null) sharing!.Post(use.Kind.OwnerOf(use.Name), corrections, use.Slot);
    }

    private static CallerUse? UseOf(CallerKind? kind, string? name, long now) => kind is null || name is null ? null : new CallerUse(kind, name, kind.Find(name, now));

    private static HarborException? RefusalOf(CallerUse? use, long now, long tokens) => use?.Kind.Refusal(use.Name, use.State, now, tokens);
}
