using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;
using StackExchange.Redis;

namespace HarborClient.Benchmarks.Cache;

/// <summary>What Redis adds to a call that it cannot answer: the provider answers in memory, once without Redis and once with it.</summary>
internal static class MissesInRedis
{
    private const int Rounds = 61;
    private const int Calls = 100;
    private const double MostMicroseconds = 10;
    /// <summary>The share of the calls that have to have asked Redis.</summary>
    private const double LeastAsked = 0.99;

    private const string Title = "a question that nobody has asked";

    internal static async Task RunAsync(Report report, Judge judge, RedisProcess redis)
    {
        using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(redis.Configuration);
        IDatabase database = connection.GetDatabase();
        using var provider = new YieldingProvider(KeptText.Short);
        await using FastClient without = Create(provider, _ => { });
        await using FastClient reading = Create(provider, h => h.UseCacheLevel(() => new ReadOnlyLevel(new RedisCacheLevel(connection))));
        await using FastClient with = Create(provider, h => h.UseRedisCache(connection));

        Contestant bare = new("bare StackExchange.Redis GET of nothing", async seed => (await database.StringGetAsync("nothing")).IsNull ? 0 : 1);
        Contestant alone = new("HarborClient Full, without Redis", seed => AskAsync(without, seed));
        Contestant read = new("HarborClient Full, Redis that takes no writes", seed => AskAsync(reading, seed));
        Contestant whole = new("HarborClient Full, Redis; writes behind the calls", seed => AskAsync(with, seed));
        var race = new Race(Title, Calls, [bare, alone, read, whole]);
        await race.WarmUpAsync();
        await race.RunAsync(Rounds, redis.ProcessId);
        report.Line();
        report.Line("## A miss in Redis");
        report.Line();
        report.Line($"{Rounds} rounds of {Calls} calls each, as above; the prompt has 3 KB, and the provider answers in memory, on another thread.");
        HitTable.Print(report, race);

        Samples added = Samples.Of(Enumerable.Range(0, Rounds).Select(round => read.Processor[round] - alone.Processor[round] - bare.Processor[round]));
        CacheStatistics asked = reading.Cache.Statistics;
        bool isMeasured = asked.Levels[0].Misses > LeastAsked * asked.Misses;
        if (!isMeasured) report.Line("\nRedis was left alone for a while, because reads took longer than their budget: NOT MEASURED.");
        judge.Hold(new Promise("a miss in Redis: processor time above the same call without Redis and one bare GET", MostMicroseconds, Tolerance.Speed, "µs"), [isMeasured ? added : Samples.Of(double.NaN)]);
    }

    private static FastClient Create(YieldingProvider provider, Action<HarborBuilder> configure) => FastClient.Create(h =>
    {
        h.AddOpenAI("key", o => o.UseHandler(provider)).UseDefaultModel("openai/gpt-4o-mini").UseMemoryCache(memory => memory.SizeLimitBytes = 0);
        configure(h);
    });

    private static async Task<long> AskAsync(FastClient client, int seed)
    {
        HarborChatOptions options = LongQuestion.Options(PerformanceMode.Full);
        options.Seed = seed;
        await client.GetResponseAsync(LongQuestion.Messages(0), options);
        return 0;
    }
}
