namespace HarborClient.Telemetry;

/// <summary>A client's cache, as its instruments read it. Owner: the cache.</summary>
/// <param name="counts">All that it has counted; of one key there may be several, which add up.</param>
/// <param name="bytes">What its entries in memory take.</param>
internal sealed class CacheSource(Func<IEnumerable<CacheCount>> counts, Func<long> bytes) : IDisposable
{
    internal IEnumerable<CacheCount> Counts => counts();

    internal long Bytes => bytes();

    public void Dispose() => CacheMeter.Remove(this);
}
