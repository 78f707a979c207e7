namespace HarborClient.Caching;

/// <summary>The last keys that were added, up to a number that is said each time. Not thread-safe.</summary>
internal sealed class RecentKeys
{
    private readonly HashSet<CacheKey> _keys = [];
    private readonly Queue<CacheKey> _order = [];

    internal void Add(in CacheKey key, int most)
    {
        if (_keys.Add(key)) _order.Enqueue(key);
        while (_order.Count > most) _keys.Remove(_order.Dequeue());
    }

    /// <summary>A key that is found stays until its turn comes.</summary>
    internal bool Contains(in CacheKey key) => _keys.Contains(key);

    /// <summary>Gives the memory back too.</summary>
    internal void Clear()
    {
        _keys.Clear();
        _keys.TrimExcess();
        _order.Clear();
        _order.TrimExcess();
    }
}
