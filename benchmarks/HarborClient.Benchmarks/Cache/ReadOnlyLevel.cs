namespace HarborClient.Benchmarks.Cache;

/// <summary>A level that takes no writes, so that what is measured is the look-up alone.</summary>
internal sealed class ReadOnlyLevel(ICacheLevel level) : ICacheLevel
{
    public CacheLevel Level => level.Level;

    public TimeSpan Ttl => level.Ttl;

    public ValueTask<CacheItem?> GetAsync(string key, CancellationToken cancellationToken) => level.GetAsync(key, cancellationToken);

    public ValueTask SetAsync(string key, CacheItem item, CancellationToken cancellationToken) => default;

    public ValueTask RemoveAsync(CacheSelection selection, CancellationToken cancellationToken) => level.RemoveAsync(selection, cancellationToken);

    public void Watch(Action<CacheSelection?> removed) => level.Watch(removed);

    public ValueTask DisposeAsync() => level.DisposeAsync();
}
