namespace HarborClient.Benchmarks.Load;

/// <summary>Latencies of many calls. Thread-safe while adding.</summary>
internal sealed class Latencies
{
    private readonly List<double> _milliseconds = [];
    private readonly Lock _gate = new();
    private double[]? _sorted;

    internal double Mean => _milliseconds.Count == 0 ? double.NaN : _milliseconds.Average();

    internal void Add(double milliseconds)
    {
        lock (_gate)
        {
            _milliseconds.Add(milliseconds);
            _sorted = null;
        }
    }

    internal double At(double share)
    {
        double[] sorted = _sorted ??= [.. _milliseconds.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];
    }
}
