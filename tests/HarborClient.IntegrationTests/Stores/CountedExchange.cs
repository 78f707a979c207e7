namespace HarborClient.IntegrationTests.Stores;

// An exchange of which a test knows whether it is still asked. Several clients use it, and the test disposes it.
internal sealed class CountedExchange(RedisLimitExchange exchange) : ILimitExchange, IAsyncDisposable
{
    private int _pending;
    private int _finished;

    public int Pending => Volatile.Read(ref _pending);

    public int Finished => Volatile.Read(ref _finished);

    public ValueTask<LimitTaken> TakeAsync(string owner, IReadOnlyList<BucketAmount> amounts, LimitSlot? slot, CancellationToken cancellationToken) =>
        CountAsync(exchange.TakeAsync(owner, amounts, slot, cancellationToken));

    public ValueTask<IReadOnlyList<long>> SettleAsync(string owner, IReadOnlyList<BucketAmount> corrections, string? slotId, CancellationToken cancellationToken) =>
        CountAsync(exchange.SettleAsync(owner, corrections, slotId, cancellationToken));

    public ValueTask RenewAsync(string owner, IReadOnlyList<string> slotIds, TimeSpan lifetime, CancellationToken cancellationToken) =>
        exchange.RenewAsync(owner, slotIds, lifetime, cancellationToken);

    public ValueTask<LimitShare> ExchangeAsync(string owner, string process, LimitShare own, TimeSpan lifetime, CancellationToken cancellationToken) =>
        CountAsync(exchange.ExchangeAsync(owner, process, own, lifetime, cancellationToken));

    public ValueTask DisposeAsync() => exchange.DisposeAsync();

    private async ValueTask<T> CountAsync<T>(ValueTask<T> asked)
    {
        Interlocked.Increment(ref _pending);
        try
        {
            return await asked.ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Increment(ref _finished);
            Interlocked.Decrement(ref _pending);
        }
    }
}
