using System.Diagnostics;

namespace HarborClient.Benchmarks.Load;

/// <summary>
/// Calls that arrive at a fixed rate whether or not the ones before them have been answered. A call's time counts from when it was due, not from when it
/// was started, so a stall shows in every call that had to wait for it.
/// </summary>
internal static class OpenLoop
{
    internal static async Task<OpenLoopResult> RunAsync(Func<int, Task<long>> callAsync, int perSecond, TimeSpan duration)
    {
        var latencies = new Latencies();
        var running = new List<Task>();
        int total = (int)(perSecond * duration.TotalSeconds);
        int failed = 0;
        long started = Stopwatch.GetTimestamp();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < total;)
        {
            // Every arrival that is due by now; then a rest of about a millisecond, the resolution of timers.
            int due = Math.Min(total, (int)(Stopwatch.GetElapsedTime(started).TotalSeconds * perSecond) + 1);
            for (; i < due; i++) running.Add(CallAsync(i));
            if (i < total) await Task.Delay(1);
            if (running.Count > 20_000) running.RemoveAll(task => task.IsCompletedSuccessfully);
        }

        await Task.WhenAll(running);
        return new OpenLoopResult(latencies, failed, (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / total);

        async Task CallAsync(int index)
        {
            long dueAt = started + (long)((double)index / perSecond * Stopwatch.Frequency);
            try
            {
                await callAsync(index);
                latencies.Add(Stopwatch.GetElapsedTime(dueAt).TotalMilliseconds);
            }
            catch (Exception e) when (e is HttpRequestException or HarborException or OperationCanceledException)
            {
                Interlocked.Increment(ref failed);
            }
        }
    }
}
