namespace HarborClient.Benchmarks.Load;

/// <summary>Latencies of many calls. Thread-safe while adding.</summary>
internal sealed class Latencies
{
    private readonly List<double> _milliseconds = [];
    private readonly Lock _gate = new();

    internal int Count => _milliseconds.Count;

    internal void Add(double milliseconds)
    {
        lock (_gate) _milliseconds.Add(milliseconds);
    }

    internal double Mean => _milliseconds.Average();

    internal double At(double share)
    {
        if (_milliseconds.Count == 0) return double.NaN;
        double[] sorted = [.. _milliseconds.Order()];
        return sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];
    }
}
