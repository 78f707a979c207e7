namespace HarborClient.Benchmarks.Quick;

/// <summary>One way of doing the same work.</summary>
/// <param name="Work">Which work; the first contestant of a work is its baseline.</param>
/// <param name="Name">Who does it.</param>
/// <param name="CallAsync">One call.</param>
internal sealed record Contestant(string Work, string Name, Func<int, Task> CallAsync)
{
    internal List<double> Microseconds { get; } = [];

    internal List<double> Bytes { get; } = [];
}
