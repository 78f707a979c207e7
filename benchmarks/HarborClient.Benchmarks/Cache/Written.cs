using System.Diagnostics;

namespace HarborClient.Benchmarks.Cache;

/// <summary>Writes go behind the calls. This waits for their end, as any user of a client can.</summary>
internal static class Written
{
    internal static async Task WaitAsync(FastClient client, TimeSpan guard)
    {
        long started = Stopwatch.GetTimestamp();
        while (client.Outstanding() != Outstanding.None || !AreAllWritten(client.Cache.Statistics))
        {
            if (Stopwatch.GetElapsedTime(started) > guard) throw new TimeoutException($"What was kept was not written within {guard.TotalSeconds:0} s.");
            await Task.Delay(1);
        }
    }

    private static bool AreAllWritten(CacheStatistics statistics) => statistics.Levels.All(level => level.Stored + level.Dropped >= statistics.Stored);
}
