using System.Collections.Concurrent;

namespace HarborClient.Tests.Caching;

// A level that a test has behave as it likes; by itself it keeps what it is given. Thread-safe.
internal sealed class ScriptedLevel : ICacheLevel
{
    private readonly Lock _gate = new();
    private readonly List<(int Count, TaskCompletionSource Signal)> _waiters = [];
    private int _gets;
    private Action<CacheSelection?>? _removed;

    public ConcurrentDictionary<string, CacheItem> Items { get; } = new();

    public ConcurrentQueue<string> Written { get; } = new();

    public ConcurrentQueue<CacheSelection> Removed { get; } = new();

    public Func<string, CancellationToken, ValueTask<CacheItem?>>? OnGet { get; set; }

    public Func<string, CancellationToken, ValueTask>? OnSet { get; set; }

    public Func<CacheSelection, CancellationToken, ValueTask>? OnRemove { get; set; }

    public int Gets => Volatile.Read(ref _gets);

    public bool IsDisposed { get; private set; }

    public CacheLevel Level => CacheLevel.Distributed;

    public TimeSpan Ttl => TimeSpan.FromHours(1);

    public ValueTask<CacheItem?> GetAsync(string key, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _gets);
        return OnGet?.Invoke(key, cancellationToken) ?? new ValueTask<CacheItem?>(Items.GetValueOrDefault(key));
    }

    public async ValueTask SetAsync(string key, CacheItem item, CancellationToken cancellationToken)
    {
        Tell(() => Written.Enqueue(key));
        if (OnSet is { } set) await set(key, cancellationToken);
        Items[key] = item;
    }

    public async ValueTask RemoveAsync(CacheSelection selection, CancellationToken cancellationToken)
    {
        Tell(() => Removed.Enqueue(selection));
        if (OnRemove is { } remove) await remove(selection, cancellationToken);
        foreach ((string key, CacheItem item) in Items)
        {
            bool isMeant = selection.Kind switch
            {
                CacheSelectionKind.Key => key == selection.Value,
                CacheSelectionKind.Tag => item.Tags.Contains(selection.Value),
                _ => key.StartsWith(selection.Value, StringComparison.Ordinal),
            };
            if (isMeant) Items.TryRemove(key, out _);
        }
    }

    public void Watch(Action<CacheSelection?> removed) => _removed = removed;

    public void TellOfRemoval(CacheSelection? selection) => _removed!(selection);

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return default;
    }

    // Signal: so many writes and removals have begun, all in all.
    public Task Changed(int count)
    {
        lock (_gate)
        {
            if (Written.Count + Removed.Count >= count) return Task.CompletedTask;
            var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, signal));
            return signal.Task.Guarded();
        }
    }

    private void Tell(Action change)
    {
        lock (_gate)
        {
            change();
            foreach ((int count, TaskCompletionSource signal) in _waiters)
                if (Written.Count + Removed.Count >= count) signal.TrySetResult();
        }
    }
}
