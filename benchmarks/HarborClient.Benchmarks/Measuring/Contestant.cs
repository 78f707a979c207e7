namespace HarborClient.Benchmarks.Measuring;

/// <summary>One way of doing a piece of work, and what each round said about it.</summary>
/// <param name="name">Who does it.</param>
/// <param name="callAsync">One call with its own seed; returns the time stamp of its first update, or 0 where there are none.</param>
internal sealed class Contestant(string name, Func<int, Task<long>> callAsync)
{
    internal string Name { get; } = name;

    /// <summary>Microseconds of processor time of the whole process.</summary>
    internal Samples Processor { get; } = new();

    internal Samples Bytes { get; } = new();

    /// <summary>Microseconds from asking to the end of the answer.</summary>
    internal Samples Wall { get; } = new();

    /// <summary>Microseconds from asking to the first update.</summary>
    internal Samples First { get; } = new();

    /// <summary>Calls per second by how many are in flight.</summary>
    internal SortedDictionary<int, Samples> Throughput { get; } = [];

    internal Task<long> CallAsync(int seed) => callAsync(seed);

    internal void Forget()
    {
        Processor.Clear();
        Bytes.Clear();
        Wall.Clear();
        First.Clear();
        Throughput.Clear();
    }
}
