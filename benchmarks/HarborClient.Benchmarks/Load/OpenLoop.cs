using System.Diagnostics;

namespace HarborClient.Benchmarks.Load;

/// <summary>
/// Calls that arrive whether or not the ones before them have been answered. A call's time counts from when it was due, not from when it was started, so a
/// stall shows in every call that had to wait for it.
/// </summary>
internal static class OpenLoop
{
    internal static async Task<OpenLoopResult> RunAsync(Func<int, Task<long>> callAsync, Arrivals arrivals)
    {
        var latencies = new Latencies();
        var late = new Latencies();
        int failed = 0;
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        await arrivals.RunAsync(CallAsync);
        return new OpenLoopResult(latencies, late, failed, (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / arrivals.Count);

        async Task CallAsync(int index, long due)
        {
            late.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
            try
            {
                await callAsync(index);
                latencies.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
            }
            catch (Exception e) when (e is HttpRequestException or HarborException or OperationCanceledException)
            {
                Interlocked.Increment(ref failed);
            }
        }
    }
}
