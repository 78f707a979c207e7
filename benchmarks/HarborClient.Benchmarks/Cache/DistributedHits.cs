using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;
using StackExchange.Redis;

namespace HarborClient.Benchmarks.Cache;

/// <summary>An answer from Redis next to a bare GET of the same bytes over the same connection.</summary>
internal static class DistributedHits
{
    private const int Rounds = 61;
    private const int Calls = 150;
    private const double MostOverGet = 1.3;
    private const string Entries = "harbor:cache:";

    internal static async Task RunAsync(Report report, Judge judge, RedisProcess redis)
    {
        using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(redis.Configuration);
        await using BelowClient client = await BelowClient.CreateAsync(CacheLevel.Distributed, questions: 1, h => h.UseRedisCache(connection));
        IDatabase database = connection.GetDatabase();
        RedisKey key = connection.GetServer(connection.GetEndPoints()[0]).Keys(pattern: Entries + "*").Single();
        int bytes = ((byte[]?)await database.StringGetAsync(key))!.Length;
        await using var level = new RedisCacheLevel(connection);
        string name = key.ToString()[Entries.Length..];

        Contestant bare = new("bare StackExchange.Redis GET", async _ => ((byte[]?)await database.StringGetAsync(key))!.Length - bytes);
        Contestant below = new("RedisCacheLevel.GetAsync", async _ => (await level.GetAsync(name, default))!.Tags.Count);
        Contestant face = new("HarborClient Full, memory off", client.CallAsync);
        var race = new Race("a hit in Redis", Calls, [bare, below, face]);
        await race.WarmUpAsync();
        await race.RunAsync(Rounds, redis.ProcessId);

        report.Line();
        report.Line("## A hit in Redis");
        report.Line();
        report.Line($"One call at a time, {Rounds} rounds of {Calls} calls each, in turns; all over one connection; the prompt has 3 KB, the entry {bytes:N0} B. {Cores.Describe()}. {client.Missed:F2} % of the calls were no hits, because the read took longer than its budget.");
        HitTable.Print(report, race);
        judge.Hold(new Promise("a hit in Redis, the whole call: wall time over a bare GET", MostOverGet, Tolerance.Wall, "x"), [face.Wall.Over(bare.Wall)]);
    }
}
