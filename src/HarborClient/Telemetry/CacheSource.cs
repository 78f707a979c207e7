namespace HarborClient.Telemetry;

/// <summary>A client's cache, as its counters read it. Owner: the cache.</summary>
internal sealed class CacheSource(Func<CacheStatistics> read) : IDisposable
{
    internal CacheStatistics Read() => read();

    public void Dispose() => CacheMeter.Remove(this);
}
