namespace HarborClient.Routing;

/// <summary>The one source of chance of a client: with a seed, the same calls in the same order are decided the same way. Thread-safe.</summary>
internal sealed class RandomSource
{
    private readonly Random _random;
    private readonly Lock? _gate;

    internal RandomSource(int? seed)
    {
        // The shared one is thread-safe; one with a seed is not.
        _random = seed is { } known ? new Random(known) : Random.Shared;
        _gate = seed is null ? null : new Lock();
        Next = NextDouble;
    }

    /// <summary><see cref="NextDouble"/>, for what knows only numbers.</summary>
    internal Func<double> Next { get; }

    /// <summary>From 0 to below 1.</summary>
    internal double NextDouble()
    {
        if (_gate is null) return _random.NextDouble();
        lock (_gate) return _random.NextDouble();
    }
}
