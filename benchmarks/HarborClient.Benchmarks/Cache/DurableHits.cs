using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;

namespace HarborClient.Benchmarks.Cache;

/// <summary>An answer from a SQLite file of 10,000, which the system has in memory.</summary>
internal static class DurableHits
{
    private const int Rounds = 61;
    private const int Calls = 150;
    private const int Others = 10_000;
    private const int OtherBytes = 2_048;
    private const int Questions = 500;
    private const double MostMicroseconds = 200;

    internal static async Task RunAsync(Report report, Judge judge)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("harbor-sqlite-");
        try
        {
            await RunAsync(report, judge, Path.Combine(folder.FullName, "cache.db"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(Report report, Judge judge, string path)
    {
        await using var level = new SqliteCacheLevel(path);
        byte[] payload = new byte[OtherBytes];
        new Random(1).NextBytes(payload);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var item = new CacheItem(payload, now, now + TimeSpan.FromDays(1), []);
        await Task.WhenAll(Enumerable.Range(0, Others).Select(number => level.SetAsync(KeyOf(number), item, default).AsTask()));
        await using BelowClient client = await BelowClient.CreateAsync(CacheLevel.Durable, Questions, h => h.UseSqliteCache(path));

        // Far apart, so that not every look-up is of the pages of the one before.
        Contestant own = new("SqliteCacheLevel.GetAsync", async seed => (await level.GetAsync(KeyOf((int)(seed * 7_919L % Others)), default))!.Tags.Count);
        Contestant face = new("HarborClient Full, memory off", client.CallAsync);
        var race = new Race("a hit in SQLite", Calls, [own, face]);
        await race.WarmUpAsync();
        await race.RunAsync(Rounds, otherProcess: null);

        report.Line();
        report.Line("## A hit in SQLite");
        report.Line();
        report.Line($"One call at a time, {Rounds} rounds of {Calls} calls each, in turns; {Others:N0} entries of {OtherBytes:N0} B beside the {Questions} that are asked for. {client.Missed:F2} % of the calls were no hits, because the read took longer than its budget.");
        HitTable.Print(report, race);
        judge.Hold(new Promise("a hit in SQLite, the whole call: wall time", MostMicroseconds, Tolerance.Speed, "µs"), [face.Wall]);
    }

    private static string KeyOf(int number) => $"chat:openai/gpt-5-mini:n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwC{number:D4}";
}
