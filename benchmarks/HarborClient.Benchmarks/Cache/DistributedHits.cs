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

    internal static async Task RunAsync(Report report, Judge judge, RedisProcess redis)
    {
        report.Line();
        report.Line("## A hit in Redis");
        report.Line();
        report.Line($"One call at a time, {Rounds} rounds of {Calls} calls each, in turns, all over one connection{(Cores.CanSeparate ? "; a core each for this process and Redis" : "")}. The prompt has 3 KB.");
        foreach (KeptText answer in KeptText.All) await RunAsync(report, judge, redis, answer);
    }

    private static async Task RunAsync(Report report, Judge judge, RedisProcess redis, KeptText answer)
    {
        using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(redis.Configuration);
        var options = new RedisCacheOptions { Prefix = answer.Id };
        await using BelowClient client = await BelowClient.CreateAsync(CacheLevel.Distributed, answer, questions: 1, h => h.UseRedisCache(connection, o => o.Prefix = options.Prefix));
        IDatabase database = connection.GetDatabase();
        string entries = options.Prefix + ":cache:";
        RedisKey key = connection.GetServer(connection.GetEndPoints()[0]).Keys(pattern: entries + "*").Single();
        int bytes = ((byte[]?)await database.StringGetAsync(key))!.Length;
        await using var level = new RedisCacheLevel(connection, options);
        string name = key.ToString()[entries.Length..];

        Contestant bare = new("bare StackExchange.Redis GET", async _ => ((byte[]?)await database.StringGetAsync(key))!.Length - bytes);
        Contestant below = new("RedisCacheLevel.GetAsync", async _ => (await level.GetAsync(name, default))!.Tags.Count);
        Contestant face = new("HarborClient Full, memory off", client.CallAsync);
        var race = new Race($"{answer.Name} ({bytes:N0} B)", Calls, [bare, below, face]);
        await race.WarmUpAsync();
        await race.RunAsync(Rounds, redis.ProcessId);
        HitTable.Print(report, race, client);
        judge.Hold(new Promise($"a hit in Redis, {answer.Name}, the whole call: wall time over a bare GET", MostOverGet, Tolerance.Wall, "x"), [client.IsMeasured ? face.Wall.Over(bare.Wall) : Samples.Of(double.NaN)]);
    }
}
