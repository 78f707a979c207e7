namespace HarborClient;

/// <summary>What a cache is to have from the start of the host on (<see cref="HarborCacheWarmupExtensions"/>).</summary>
public sealed class CacheWarmupOptions
{
    private readonly List<CacheRequest> _requests = [];
    private readonly List<Scheduled> _scheduled = [];

    /// <summary>How many requests are asked at the same time.</summary>
    /// <value>Default 4; 1 to 1,000.</value>
    public int MaxConcurrency { get; set; } = 4;

    /// <summary>Whether the host waits with its start until the warm-up is over, well or not. Scheduled refreshes are not waited for.</summary>
    /// <value>Default <see langword="false"/>: the host starts meanwhile.</value>
    public bool HoldsStart { get; set; }

    internal IReadOnlyList<CacheRequest> Requests => _requests;

    internal IReadOnlyList<Scheduled> Schedules => _scheduled;

    /// <summary>Has requests answered once, when the host starts.</summary>
    /// <param name="requests">What to have.</param>
    /// <returns>These options.</returns>
    public CacheWarmupOptions Warm(params IEnumerable<CacheRequest> requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        _requests.AddRange(requests);
        return this;
    }

    /// <summary>Has a request asked anew from the start of the host to its stop.</summary>
    /// <param name="request">What to have.</param>
    /// <param name="every">The interval, as in <c>30s</c>, <c>5m</c>, <c>1h</c>, <c>1d</c>; 1 s to 30 days.</param>
    /// <param name="priority">That of a chat whose options say none.</param>
    /// <returns>These options.</returns>
    public CacheWarmupOptions Refresh(CacheRequest request, string every, CallPriority priority = CallPriority.Background)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(every);
        _scheduled.Add(new Scheduled(request, every, priority));
        return this;
    }

    internal sealed record Scheduled(CacheRequest Request, string Every, CallPriority Priority);
}
