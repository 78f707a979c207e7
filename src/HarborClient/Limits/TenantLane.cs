namespace HarborClient.Limits;

/// <summary>The requests of one tenant that wait at one priority, in order of arrival, and what its turn still allows.</summary>
internal sealed class TenantLane(string tenant)
{
    internal string Tenant { get; } = tenant;

    /// <summary>Tokens that it may still take before the next one's turn.</summary>
    internal long Deficit { get; set; }

    internal Waiter? First { get; private set; }

    internal Waiter? Last { get; private set; }

    internal void Append(Waiter waiter)
    {
        waiter.Lane = this;
        waiter.Previous = Last;
        if (Last is null) First = waiter;
        else Last.Next = waiter;
        Last = waiter;
    }

    internal void Remove(Waiter waiter)
    {
        if (waiter.Previous is null) First = waiter.Next;
        else waiter.Previous.Next = waiter.Next;
        if (waiter.Next is null) Last = waiter.Previous;
        else waiter.Next.Previous = waiter.Previous;
        (waiter.Lane, waiter.Previous, waiter.Next) = (null, null, null);
    }
}
