using System.Globalization;
using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Tests.Caching;

namespace HarborClient.Benchmarks.Cache;

/// <summary>The calls of a trace through the public face: how many of them are answered by memory, how many by Redis, and how many the provider is asked.</summary>
internal static class TraceCalls
{
    private const int Seed = 1;

    /// <summary>Calls of one process until it is the other's turn.</summary>
    private const int Block = 500;

    internal static async Task RunAsync(Report report, Judge judge, RedisProcess redis)
    {
        int[] calls = ZipfTrace.Make(Seed);
        int distinct = calls.Distinct().Count();
        long memoryBytes = ZipfTrace.Room * await Asker.AnswerBytesAsync();
        report.Line();
        report.Line("## The same through clients in Full");
        report.Line();
        report.Line(string.Create(CultureInfo.InvariantCulture, $"Trace {Seed}: {distinct:N0} distinct questions. Memory for {ZipfTrace.Room:N0} answers ({memoryBytes:N0} B) in each client, calls one after the other, every answer compared with its question; connections to Redis were open."));
        report.Line();
        report.Header(["", "from memory", "from Redis", "upstream calls", "reads of Redis that failed", "writes given up"]);

        AskerFigures alone = await AloneAsync(calls, memoryBytes, null);
        Row(report, "memory alone", alone);
        AskerFigures one = await AloneAsync(calls, memoryBytes, h => h.UseRedisCache(redis.Configuration, o => o.Prefix = "one"));
        Row(report, "one process, Redis", one);
        AskerFigures two = await InTurnsAsync(calls.Length, memoryBytes, redis.Configuration);
        Row(report, $"two processes, one Redis, in turns of {Block} calls", two);
        AskerFigures atOnce = await AtOnceAsync(calls.Length, memoryBytes, redis.Configuration);
        Row(report, "two processes, one Redis, every other call each, at once", atOnce);
        report.Line();
        report.Line(string.Create(CultureInfo.InvariantCulture, $"A read of Redis that failed took longer than its budget of 5 to 50 ms, and may have cost one more upstream call. At once, {atOnce.Asked - distinct:N0} more upstream calls than questions: both processes had a question before the first answer was in Redis, or a read failed. Nothing is promised there."));

        judge.Hold(new Promise("a client with memory alone: hits over those of a plain LRU", 1, Tolerance.None, "x", AtLeast: true), (double)alone.FromMemory / PlainLru.HitsOf(calls, ZipfTrace.Room));
        judge.Hold(OneEach("one process with Redis", distinct, one), one.Asked);
        judge.Hold(OneEach("two processes with one Redis, in turns", distinct, two), two.Asked);
    }

    /// <summary>Exactly one upstream call for each question is kept. A read that took longer than its budget explains one more; what is beyond that is broken.</summary>
    private static Promise OneEach(string who, int distinct, AskerFigures figures)
    {
        double explained = (distinct + figures.Failed) / (double)distinct;
        return new Promise($"{who}: upstream calls, one for each distinct question", distinct, new Tolerance(explained, explained, "calls go on without a read that takes longer than its budget"), "");
    }

    private static async Task<AskerFigures> AloneAsync(int[] calls, long memoryBytes, Action<HarborBuilder>? configure)
    {
        await using var asker = new Asker(memoryBytes, configure);
        await asker.ConnectAsync();
        await asker.AskAsync(calls);
        return asker.Figures;
    }

    private static async Task<AskerFigures> InTurnsAsync(int calls, long memoryBytes, string redis)
    {
        using AskerProcess first = AskerProcess.Start(redis, "turns", Seed, memoryBytes), second = AskerProcess.Start(redis, "turns", Seed, memoryBytes);
        AskerFigures ofFirst = default, ofSecond = default;
        for (int from = 0; from < calls; from += 2 * Block)
        {
            ofFirst = await first.AskAsync(from, from + Block);
            ofSecond = await second.AskAsync(from + Block, from + (2 * Block));
        }

        return ofFirst + ofSecond;
    }

    private static async Task<AskerFigures> AtOnceAsync(int calls, long memoryBytes, string redis)
    {
        using AskerProcess first = AskerProcess.Start(redis, "once", Seed, memoryBytes), second = AskerProcess.Start(redis, "once", Seed, memoryBytes);

        // Both are ready before either begins.
        await Task.WhenAll(first.AskAsync(0, 0), second.AskAsync(0, 0));
        AskerFigures[] both = await Task.WhenAll(first.AskAsync(0, calls, step: 2), second.AskAsync(1, calls, step: 2));
        return both[0] + both[1];
    }

    private static void Row(Report report, string who, AskerFigures figures) =>
        report.Row([who, Number(figures.FromMemory), Number(figures.FromRedis), Number(figures.Asked), Number(figures.Failed), Number(figures.Dropped)]);

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
