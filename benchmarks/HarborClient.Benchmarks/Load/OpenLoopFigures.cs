using HarborClient.Benchmarks.Measuring;

namespace HarborClient.Benchmarks.Load;

/// <summary>What one caller showed in its turns, each beside the bare client's of the same turn.</summary>
internal sealed class OpenLoopFigures
{
    internal static readonly double[] Shares = [0.5, 0.95, 0.99];

    internal Samples Mean { get; } = new();

    internal Samples MeanOverBare { get; } = new();

    internal Samples ProcessorPerCall { get; } = new();

    internal Samples LateMicroseconds { get; } = new();

    /// <summary>Latency in milliseconds at each of the shares.</summary>
    internal Samples[] At { get; } = [.. Shares.Select(_ => new Samples())];

    /// <summary>Microseconds at each of the shares above the bare client that moves the same bytes.</summary>
    internal Samples[] Added { get; } = [.. Shares.Select(_ => new Samples())];

    internal int Failed { get; private set; }

    /// <summary>Another turn.</summary>
    /// <param name="own">What this caller showed.</param>
    /// <param name="bare">What the bare client showed.</param>
    /// <param name="same">What the bare client showed that moves the same bytes as this caller.</param>
    internal void Add(OpenLoopResult own, OpenLoopResult bare, OpenLoopResult same)
    {
        Mean.Add(own.Latencies.Mean);
        MeanOverBare.Add(own.Latencies.Mean / bare.Latencies.Mean);
        ProcessorPerCall.Add(own.ProcessorPerCall);
        LateMicroseconds.Add(own.Late.At(0.99) * 1000);
        for (int i = 0; i < Shares.Length; i++)
        {
            At[i].Add(own.Latencies.At(Shares[i]));
            Added[i].Add((own.Latencies.At(Shares[i]) - same.Latencies.At(Shares[i])) * 1000);
        }

        Failed += own.Failed;
    }
}
