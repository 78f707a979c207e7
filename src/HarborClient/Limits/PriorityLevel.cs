namespace HarborClient.Limits;

/// <summary>What waits at one priority: a lane for each tenant, served by deficit round robin over estimated tokens (Shreedhar and Varghese, 1995).</summary>
internal sealed class PriorityLevel
{
    /// <summary>Tokens a turn: about one short call.</summary>
    private const long QuantumTokens = 512;

    /// <summary>A prompt counts as no more turns than this: they are walked through one by one.</summary>
    private const long MostTokens = 64 * QuantumTokens;

    private readonly Dictionary<string, TenantLane> _byTenant = [];
    private readonly LinkedList<TenantLane> _turns = [];

    internal int Count { get; private set; }

    internal LinkedListNode<TenantLane>? FirstLane => _turns.First;

    internal void Add(Waiter waiter)
    {
        string tenant = waiter.Admission.Tenant ?? "";
        if (!_byTenant.TryGetValue(tenant, out TenantLane? lane))
        {
            lane = new TenantLane(tenant);
            _byTenant.Add(tenant, lane);
            _turns.AddLast(lane);
        }

        lane.Append(waiter);
        Count++;
    }

    internal void Remove(Waiter waiter)
    {
        TenantLane lane = waiter.Lane!;
        lane.Remove(waiter);
        Count--;
        if (lane.First is not null) return;
        _byTenant.Remove(lane.Tenant);
        _turns.Remove(lane);
    }

    /// <summary>Whose turn it is. The same until something is added or removed.</summary>
    internal Waiter? Next()
    {
        if (_turns.Count <= 1) return _turns.First?.Value.First;
        while (true)
        {
            LinkedListNode<TenantLane> turn = _turns.First!;
            if (turn.Value.Deficit >= Cost(turn.Value.First!)) return turn.Value.First;
            turn.Value.Deficit += QuantumTokens;
            _turns.RemoveFirst();
            _turns.AddLast(turn);
        }
    }

    /// <summary>It got what it waited for, at the expense of its tenant's turn.</summary>
    internal void Serve(Waiter waiter)
    {
        waiter.Lane!.Deficit = Math.Max(0, waiter.Lane.Deficit - Cost(waiter));
        Remove(waiter);
    }

    internal Waiter? Newest()
    {
        Waiter? newest = null;
        foreach (TenantLane lane in _turns)
        {
            if (newest is null || lane.Last!.Number > newest.Number) newest = lane.Last;
        }

        return newest;
    }

    private static long Cost(Waiter waiter) => Math.Clamp(waiter.Tokens, 1, MostTokens);
}
