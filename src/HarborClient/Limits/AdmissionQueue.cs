namespace HarborClient.Limits;

/// <summary>Who waits for a permit, and who is next: the most important, tenants in turn, and nobody for ever.</summary>
/// <remarks>Not thread-safe; time in seconds.</remarks>
internal sealed class AdmissionQueue
{
    /// <summary>Who has waited this long moves up one priority.</summary>
    private const double PromotedAfterSeconds = 2;

    /// <summary>How exactly that is kept: looking at every tenant's first request has its price.</summary>
    private const double AgingSeconds = 0.1;

    private readonly PriorityLevel[] _levels = [new(), new(), new(), new()];
    private double _agedAt;

    internal int Count { get; private set; }

    internal void Add(Waiter waiter, double now)
    {
        waiter.Level = Math.Clamp((int)waiter.Admission.Priority, 0, _levels.Length - 1);
        waiter.LevelSince = now;
        _levels[waiter.Level].Add(waiter);
        Count++;
    }

    internal void Remove(Waiter waiter)
    {
        _levels[waiter.Level].Remove(waiter);
        Count--;
    }

    internal Waiter? Next(double now)
    {
        if (Count == 0) return null;
        if (now - _agedAt >= AgingSeconds) Age(now);
        for (int level = _levels.Length - 1; level >= 0; level--)
        {
            if (_levels[level].Next() is { } waiter) return waiter;
        }

        return null;
    }

    internal void Serve(Waiter waiter)
    {
        _levels[waiter.Level].Serve(waiter);
        Count--;
    }

    /// <summary>How many go before a newcomer.</summary>
    internal int Ahead(CallPriority priority)
    {
        int ahead = 0;
        for (int level = Math.Clamp((int)priority, 0, _levels.Length - 1); level < _levels.Length; level++) ahead += _levels[level].Count;
        return ahead;
    }

    /// <summary>The newest of the least important, where that is less important than a newcomer.</summary>
    internal Waiter? LessImportantThan(CallPriority priority)
    {
        for (int level = 0; level < (int)priority; level++)
        {
            if (_levels[level].Newest() is { } waiter) return waiter;
        }

        return null;
    }

    /// <summary>Everybody who expires before a moment.</summary>
    internal List<Waiter> ExpiringBefore(double moment)
    {
        List<Waiter> expiring = [];
        foreach (PriorityLevel level in _levels)
        {
            for (LinkedListNode<TenantLane>? lane = level.FirstLane; lane is not null; lane = lane.Next)
            {
                for (Waiter? waiter = lane.Value.First; waiter is not null; waiter = waiter.Next)
                {
                    if (waiter.ExpiresAt < moment) expiring.Add(waiter);
                }
            }
        }

        return expiring;
    }

    /// <summary>Moves one up that is more important than it was when it came.</summary>
    internal void Raise(Waiter waiter, CallPriority priority, double now)
    {
        int level = Math.Clamp((int)priority, 0, _levels.Length - 1);
        if (waiter.Level < level) Move(waiter, level, now);
    }

    /// <summary>Who waits with a token; null for nobody. Looks at all.</summary>
    internal Waiter? Find(CancellationToken token)
    {
        foreach (PriorityLevel level in _levels)
        {
            for (LinkedListNode<TenantLane>? lane = level.FirstLane; lane is not null; lane = lane.Next)
            {
                for (Waiter? waiter = lane.Value.First; waiter is not null; waiter = waiter.Next)
                {
                    if (waiter.CancellationToken == token) return waiter;
                }
            }
        }

        return null;
    }

    private void Move(Waiter waiter, int level, double now)
    {
        _levels[waiter.Level].Remove(waiter);
        waiter.Level = level;
        waiter.LevelSince = now;
        _levels[level].Add(waiter);
    }

    private void Age(double now)
    {
        _agedAt = now;
        for (int level = _levels.Length - 2; level >= 0; level--)
        {
            LinkedListNode<TenantLane>? next;
            for (LinkedListNode<TenantLane>? lane = _levels[level].FirstLane; lane is not null; lane = next)
            {
                next = lane.Next;
                while (lane.Value.First is { } waiter && now - waiter.LevelSince >= PromotedAfterSeconds)
                {
                    Move(waiter, level + 1, now);
                }
            }
        }
    }
}
