namespace HarborClient;

/// <summary>What a client holds at this moment. All zero when no call is running: a proof that nothing leaked.</summary>
/// <param name="Calls">Calls that have started and not ended.</param>
/// <param name="Permits">Permits of limiters held by attempts, and by calls whose callers are limited.</param>
/// <param name="Buffers">Buffers rented from the pools.</param>
/// <param name="Exchanges">HTTP exchanges that are open.</param>
public readonly record struct Outstanding(int Calls, int Permits, int Buffers, int Exchanges)
{
    /// <summary>Nothing held.</summary>
    public static Outstanding None => default;
}
