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
        report.Line();
        report.Line("## A hit in SQLite");
        report.Line();
        report.Line($"One call at a time, {Rounds} rounds of {Calls} calls each, in turns. {Others:N0} entries of {OtherBytes:N0} B beside the answers to {Questions} prompts of 3 KB, which are asked in turns; the level is asked for the others.");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("harbor-sqlite-");
        try
        {
            foreach (KeptText answer in KeptText.All) await RunAsync(report, judge, Path.Combine(folder.FullName, $"{answer.Id}.db"), answer);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(Report report, Judge judge, string path, KeptText answer)
    {
        await using var level = new SqliteCacheLevel(path);
        byte[] payload = new byte[OtherBytes];
        new Random(1).NextBytes(payload);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var item = new CacheItem(payload, now, now + TimeSpan.FromDays(1), []);
        await Task.WhenAll(Enumerable.Range(0, Others).Select(number => level.SetAsync(KeyOf(number), item, default).AsTask()));
        await using BelowClient client = await BelowClient.CreateAsync(CacheLevel.Durable, answer, Questions, h => h.UseSqliteCache(path));

        // Far apart, so that not every look-up is of the pages of the one before.
        Contestant own = new("SqliteCacheLevel.GetAsync", async seed => (await level.GetAsync(KeyOf((int)(seed * 7_919L % Others)), default))!.Tags.Count);
        Contestant face = new("HarborClient Full, memory off", client.CallAsync);
        var race = new Race(answer.Name, Calls, [own, face]);
        await race.WarmUpAsync();
        await race.RunAsync(Rounds, otherProcess: null);
        HitTable.Print(report, race, client);
        judge.Hold(new Promise($"a hit in SQLite, {answer.Name}, the whole call: wall time", MostMicroseconds, Tolerance.Speed, "µs"), [client.IsMeasured ? face.Wall : Samples.Of(double.NaN)]);
    }

    private static string KeyOf(int number) => $"chat:openai/gpt-5-mini:n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwC{number:D4}";
}
