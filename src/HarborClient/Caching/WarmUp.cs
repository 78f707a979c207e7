namespace HarborClient.Caching;

/// <summary>The count of one warm-up. Thread-safe; progress is told in order.</summary>
internal sealed class WarmUp(int total, IProgress<CacheWarmProgress>? progress)
{
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly List<CacheWarmFailure> _failures = [];
    private int _done;

    internal CacheWarmResult Result
    {
        get
        {
            lock (_gate) return new CacheWarmResult(_done, [.. _failures]);
        }
    }

    internal void Add(CacheRequest request, Exception? error)
    {
        lock (_gate)
        {
            if (error is null) _done++;
            else _failures.Add(new CacheWarmFailure(request, error));
            progress?.Report(new CacheWarmProgress(_done, _failures.Count, total));
        }
    }
}
