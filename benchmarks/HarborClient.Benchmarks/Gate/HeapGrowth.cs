using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Gate;

/// <summary>What a client that has done its work still holds, counted from before it was made.</summary>
/// <param name="Early">Live managed bytes after 100 calls.</param>
/// <param name="Late">Live managed bytes after many.</param>
internal readonly record struct HeapGrowth(long Early, long Late)
{
    internal const int ManyInGate = 20_000;
    private const int Few = 100;
    private const int InFlight = 8;

    internal static async Task<IReadOnlyDictionary<PerformanceMode, HeapGrowth>> MeasureAsync(Uri server, int many)
    {
        var growth = new Dictionary<PerformanceMode, HeapGrowth>();
        foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>()) growth.Add(mode, await MeasureAsync(server, mode, many));
        return growth;
    }

    private static async Task<HeapGrowth> MeasureAsync(Uri server, PerformanceMode mode, int many)
    {
        long before = ProcessMemory.ManagedBytes();
        using var peer = new HarborPeer(Dialect.OpenAI, Protocol.Http1, new Route(StreamKind.Text).OpenAI(server), Requests.Question, Requests.Options);
        await CallAsync(peer.Plain(mode), Few);
        long early = Grown(peer, before);
        await CallAsync(peer.Plain(mode), many - Few);
        return new HeapGrowth(early, Grown(peer, before));
    }

    /// <summary>What the client keeps of answers is reported by itself, and not counted.</summary>
    private static long Grown(HarborPeer peer, long before) => ProcessMemory.ManagedBytes() - before - peer.Client.Cache.Statistics.Bytes;

    private static async Task CallAsync(Func<int, Task<long>> callAsync, int calls)
    {
        int left = calls;
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(async () =>
        {
            for (int seed; (seed = Interlocked.Decrement(ref left)) >= 0;) await callAsync(seed);
        })));
    }
}
