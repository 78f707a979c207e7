namespace HarborClient.Limits;

/// <summary>What one caller has used. Guarded by the lock of <see cref="CallerLimits"/>.</summary>
internal sealed class CallerState(int rates)
{
    /// <summary>When each bucket is full again, in the order of the kind's rates.</summary>
    internal long[] FullAt { get; } = rates == 0 ? [] : new long[rates];

    internal int InFlight { get; set; }

    internal bool IsIdle(long now)
    {
        if (InFlight > 0) return false;
        foreach (long at in FullAt)
        {
            if (at > now) return false;
        }

        return true;
    }
}
