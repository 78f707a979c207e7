using System.Diagnostics;
using HarborClient.Testing;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Robustness;

// Whatever a host sends: an answer or a HarborException, soon, and nothing left behind.
[Collection(RobustnessCollection.Name)]
public sealed class MutationTests
{
    private const int Mutations = 200_000;
    private const int FirstSeed = 20_261_124;

    // What one call may allocate: some for itself, and some times its body for texts, updates and buffers that grow.
    private const long AllocationFloor = 4 << 20;
    private const int AllocationPerByte = 200;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    [RecordedTrafficFact]
    public async Task A_spoilt_answer_is_an_answer_or_a_typed_error()
    {
        RecordedExchange[] exchanges = [.. RecordedClients.Providers.SelectMany(RecordedTraffic.Of)];
        int next = -1;
        long longest = 0;
        await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(async () =>
        {
            var handler = new BytesHandler();
            Dictionary<string, FastClient> clients = RecordedClients.Providers.ToDictionary(provider => provider, provider => RecordedClients.Of(provider, handler, TimeProvider.System));
            for (int i = Interlocked.Increment(ref next); i < Mutations; i = Interlocked.Increment(ref next))
            {
                RecordedExchange exchange = exchanges[i % exchanges.Length];
                TimeSpan took = await RunAsync(exchange, FirstSeed + i, handler, clients);

                // The machine may have been busy with something else; a body that is slow to read is slow again.
                for (int again = 0; again < 3 && took > Longest; again++) took = await RunAsync(exchange, FirstSeed + i, handler, clients);
                if (took > Longest) Assert.Fail($"{exchange.Name}, seed {FirstSeed + i}: took {took}");
                InterlockedMax(ref longest, took.Ticks);
            }

            foreach (FastClient client in clients.Values)
            {
                client.Outstanding().Should().Be(Outstanding.None);
                client.Dispose();
            }
        })));

        TestReport.Add($"mutations: {Mutations} of {exchanges.Length} recorded answers, the longest call took {TimeSpan.FromTicks(longest).TotalMilliseconds:F0} ms");
    }

    private static async Task<TimeSpan> RunAsync(RecordedExchange exchange, int seed, BytesHandler handler, Dictionary<string, FastClient> clients)
    {
        byte[] body = new Mutator(seed).Mutate(exchange.Body.ToArray());
        FastClient client = clients[exchange.Provider];
        handler.Answer(body, exchange.Headers.GetValueOrDefault("content-type") ?? "application/json", exchange.StatusCode);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        Exception? error = RecordedClients.IsEmbedding(exchange) ? await EmbeddingErrorAsync(client, exchange) : (seed % 3) switch
        {
            0 => (await Reading.FoldedAsync(client)).Error,
            1 => (await Reading.StreamedAsync(client)).Error,
            _ => (await Reading.PlainAsync(client)).Error,
        };
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

        string which = $"{exchange.Name}, seed {seed}";
        if (error is not null and not HarborException) Assert.Fail($"{which}: {error}");
        if (allocated > AllocationFloor + ((long)body.Length * AllocationPerByte)) Assert.Fail($"{which}: allocated {allocated:N0} bytes for a body of {body.Length:N0}");
        return took;
    }

    private static async Task<Exception?> EmbeddingErrorAsync(FastClient client, RecordedExchange exchange)
    {
        int count = exchange.ReadExpected()!.Value.TryGetProperty("count", out var number) ? number.GetInt32() : 1;
        try
        {
            await client.GenerateAsync(Enumerable.Range(0, count).Select(i => $"input {i}"));
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private static void InterlockedMax(ref long most, long value)
    {
        for (long seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most)) Interlocked.CompareExchange(ref most, value, seen);
    }
}
