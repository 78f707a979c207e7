namespace HarborClient.Benchmarks.Load;

/// <summary>What an open loop showed.</summary>
/// <param name="Latencies">From when each call was due to its end.</param>
/// <param name="Late">From when each call was due to its start: how precise the arrivals were.</param>
/// <param name="Failed">Calls that ended with an error.</param>
/// <param name="ProcessorPerCall">Microseconds of processor time a call, the waiting for arrivals included.</param>
internal sealed record OpenLoopResult(Latencies Latencies, Latencies Late, int Failed, double ProcessorPerCall);
