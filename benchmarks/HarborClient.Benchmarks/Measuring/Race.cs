using System.Diagnostics;
using System.Runtime;

namespace HarborClient.Benchmarks.Measuring;

/// <summary>
/// Several ways of doing the same work, measured in turns, so that a slow moment of the machine hits all of them. The order is drawn anew for every round:
/// with a fixed one each would always find the caches as the same other one left them.
/// </summary>
/// <param name="title">The work.</param>
/// <param name="calls">Calls of one contestant in one round.</param>
/// <param name="contestants">The first is what the others are compared with.</param>
internal sealed class Race(string title, int calls, IReadOnlyList<Contestant> contestants)
{
    private const int LeastWarmUpPasses = 3;
    private const int MostWarmUpPasses = 12;
    private const int WarmUpCalls = 200;

    /// <summary>A pass in which the compiler made no more methods than this shows that it has come to rest: its last tier comes in the background, late on a busy machine.</summary>
    private const int RestingMethods = 3;

    /// <summary>A pass over slow work ends here; its code is warm from the work before it.</summary>
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(0.5);

    /// <summary>With rounds of 15 ms most of what was measured was how the thread pool begins: equal code was 0.5x to 0.8x apart.</summary>
    private static readonly TimeSpan InFlightTime = TimeSpan.FromSeconds(0.1);

    private static int _seed;

    private readonly Random _order = new(1);

    internal string Title => title;

    internal IReadOnlyList<Contestant> Contestants => contestants;

    internal Contestant Bare => contestants[0];

    internal async Task WarmUpAsync()
    {
        for (int pass = 0; pass < MostWarmUpPasses; pass++)
        {
            long compiled = JitInfo.GetCompiledMethodCount();
            foreach (Contestant contestant in contestants) await WarmAsync(contestant);
            await Task.Delay(200);
            if (pass + 1 >= LeastWarmUpPasses && JitInfo.GetCompiledMethodCount() - compiled <= RestingMethods) break;
        }

        foreach (Contestant contestant in contestants) contestant.Forget();
    }

    /// <summary>One call at a time, with a core each for client and upstream: processor time, bytes, wall time, first update.</summary>
    /// <param name="rounds">How often each is measured.</param>
    /// <param name="otherProcess">Who answers; null where it is this process, which then keeps all cores.</param>
    internal async Task RunAsync(int rounds, int? otherProcess)
    {
        if (otherProcess is { } separated) await Cores.SeparateAsync(separated);
        for (int round = 0; round < rounds; round++)
        {
            foreach (Contestant contestant in InRandomOrder()) await RoundAsync(contestant, calls);
        }

        if (otherProcess is { } together) await Cores.ShareAsync(together);
    }

    /// <summary>Calls per second with so many in flight, all cores for both processes.</summary>
    /// <param name="rounds">How often each is measured.</param>
    /// <param name="inFlight">How many calls run at a time.</param>
    /// <param name="names">Who is measured; everybody where none is named.</param>
    internal async Task RunInFlightAsync(int rounds, int inFlight, params IReadOnlyCollection<string> names)
    {
        // One round more, thrown away: it opens the connections.
        for (int round = -1; round < rounds; round++)
        {
            foreach (Contestant contestant in InRandomOrder())
            {
                if (names.Count > 0 && !names.Contains(contestant.Name)) continue;
                double perSecond = await InFlightAsync(contestant, inFlight);
                if (round < 0) continue;
                if (!contestant.Throughput.TryGetValue(inFlight, out Samples? samples)) contestant.Throughput.Add(inFlight, samples = new Samples());
                samples.Add(perSecond);
            }
        }
    }

    private Contestant[] InRandomOrder()
    {
        Contestant[] order = [.. contestants];
        _order.Shuffle(order);
        return order;
    }

    private static async Task WarmAsync(Contestant contestant)
    {
        long started = Stopwatch.GetTimestamp();
        for (int call = 0; call < WarmUpCalls && Stopwatch.GetElapsedTime(started) < WarmUpTime; call++) await contestant.CallAsync(Interlocked.Increment(ref _seed));
    }

    private static async Task RoundAsync(Contestant contestant, int calls)
    {
        GC.Collect();
        double first = 0;
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long started = Stopwatch.GetTimestamp();
        for (int call = 0; call < calls; call++)
        {
            long asked = Stopwatch.GetTimestamp();
            long firstAt = await contestant.CallAsync(Interlocked.Increment(ref _seed));
            if (firstAt != 0) first += Stopwatch.GetElapsedTime(asked, firstAt).TotalMicroseconds;
        }

        contestant.Wall.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds / calls);
        contestant.Bytes.Add((GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)calls);
        contestant.Processor.Add((Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / calls);
        if (first > 0) contestant.First.Add(first / calls);
    }

    private static async Task<double> InFlightAsync(Contestant contestant, int inFlight)
    {
        GC.Collect();
        int calls = 0;
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(started) < InFlightTime)
            {
                await contestant.CallAsync(Interlocked.Increment(ref _seed));
                Interlocked.Increment(ref calls);
            }
        })));
        return calls / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
