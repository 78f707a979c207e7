namespace HarborClient.Telemetry;

/// <summary>What the gauges of a process read: the clients that are alive when somebody collects. Thread-safe.</summary>
/// <typeparam name="T">What a client tells.</typeparam>
internal sealed class GaugeSources<T>
{
    private readonly Lock _gate = new();

    // Guarded by _gate. Weak: a client that nobody disposes is not kept alive by its gauges.
    private readonly List<WeakReference<Source>> _sources = [];

    /// <summary>A client is read from now on, until what is returned is disposed or collected. Owner of that: the client.</summary>
    internal IDisposable Add(Func<IEnumerable<T>> read)
    {
        var source = new Source(this, read);
        lock (_gate)
        {
            _sources.RemoveAll(known => !known.TryGetTarget(out _));
            _sources.Add(new WeakReference<Source>(source));
        }

        return source;
    }

    /// <summary>What all clients tell now.</summary>
    internal IEnumerable<T> Read() => Alive().SelectMany(source => source.Read());

    private void Remove(Source source)
    {
        lock (_gate) _sources.RemoveAll(known => !known.TryGetTarget(out Source? other) || ReferenceEquals(other, source));
    }

    private List<Source> Alive()
    {
        List<Source> alive = [];
        lock (_gate)
        {
            foreach (WeakReference<Source> known in _sources)
            {
                if (known.TryGetTarget(out Source? source)) alive.Add(source);
            }
        }

        return alive;
    }

    private sealed class Source(GaugeSources<T> sources, Func<IEnumerable<T>> read) : IDisposable
    {
        internal IEnumerable<T> Read() => read();

        public void Dispose() => sources.Remove(this);
    }
}
