using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;

namespace HarborClient.Benchmarks.Cache;

/// <summary>What a hit costs in each level, and how many calls the caches answer on traces of questions that differ in popularity.</summary>
internal static class CacheCommand
{
    internal static async Task<int> RunAsync(string[] args)
    {
        if (RedisProcess.FindVersion() is not { } version)
        {
            Console.WriteLine("cache needs redis-server on the path.");
            return 1;
        }

        var report = new Report();
        report.Begin("Cache");
        report.Line($"redis-server {version} on loopback, started for this run; the provider answers in memory.");
        var verdicts = new List<string>();
        var judge = new Judge(verdicts.Add);
        string[] parts = args.Intersect(["memory", "redis", "sqlite", "traces"]).ToArray();
        bool Has(string part) => parts.Length == 0 || parts.Contains(part);
        await using (RedisProcess redis = await RedisProcess.StartAsync())
        {
            if (Has("memory")) await MemoryHits.RunAsync(report, judge);
            if (Has("redis")) await DistributedHits.RunAsync(report, judge, redis);
            if (Has("redis")) await MissesInRedis.RunAsync(report, judge, redis);
            if (Has("sqlite")) await DurableHits.RunAsync(report, judge);
            if (Has("traces")) PolicyTraces.Run(report, judge);
            if (Has("traces")) await TraceCalls.RunAsync(report, judge, redis);
        }

        report.Line();
        report.Line($"{Machine.DescribeLoad("after")}.");
        int exitCode = judge.Conclude();
        report.Promises(verdicts);
        if (!args.Contains("--no-file")) report.Save("cache");
        return exitCode;
    }
}
