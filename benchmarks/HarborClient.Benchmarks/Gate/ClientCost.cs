using System.Diagnostics;
using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Gate;

/// <summary>What building a client costs in a warm process.</summary>
/// <param name="Milliseconds">Median time of one Create.</param>
/// <param name="Bytes">Median bytes that one Create allocates.</param>
/// <param name="CrowdBytes">Live bytes of 1,000 clients.</param>
internal readonly record struct ClientCost(double Milliseconds, double Bytes, long CrowdBytes)
{
    private const int Crowd = 1000;

    internal static ClientCost Measure(Uri server)
    {
        Uri endpoint = new Route(StreamKind.Text).OpenAI(server);
        for (int i = 0; i < 200; i++) Create(endpoint).Dispose();
        var time = new Samples();
        var bytes = new Samples();
        for (int i = 0; i < 200; i++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long started = Stopwatch.GetTimestamp();
            FastClient client = Create(endpoint);
            time.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            bytes.Add(GC.GetAllocatedBytesForCurrentThread() - allocated);
            client.Dispose();
        }

        long before = ProcessMemory.ManagedBytes();
        FastClient[] clients = [.. Enumerable.Range(0, Crowd).Select(_ => Create(endpoint))];
        long crowd = ProcessMemory.ManagedBytes() - before;
        foreach (FastClient client in clients) client.Dispose();
        return new ClientCost(time.Median, bytes.Median, crowd);
    }

    private static FastClient Create(Uri endpoint) => FastClient.Create(h => Dialect.OpenAI.Register(h, endpoint, null));
}
