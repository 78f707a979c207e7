namespace HarborClient.Pools;

/// <summary>Counts what one client holds. Every field is changed by Interlocked only.</summary>
internal sealed class ResourceCounters
{
    private int _calls;
    private int _permits;
    private int _buffers;
    private int _exchanges;

    internal void CallStarted() => Interlocked.Increment(ref _calls);

    internal void CallEnded() => Interlocked.Decrement(ref _calls);

    internal void PermitTaken() => Interlocked.Increment(ref _permits);

    internal void PermitReturned() => Interlocked.Decrement(ref _permits);

    internal void BufferRented() => Interlocked.Increment(ref _buffers);

    internal void BufferReturned() => Interlocked.Decrement(ref _buffers);

    internal void ExchangeOpened() => Interlocked.Increment(ref _exchanges);

    internal void ExchangeClosed() => Interlocked.Decrement(ref _exchanges);

    internal Outstanding Snapshot() => new(Volatile.Read(ref _calls), Volatile.Read(ref _permits), Volatile.Read(ref _buffers), Volatile.Read(ref _exchanges));
}
