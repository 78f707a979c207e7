using System.Globalization;
using HarborClient.Benchmarks.Cache;
using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;

namespace HarborClient.Benchmarks.Load;

/// <summary>What a ledger that is written to a file adds to calls at a fixed rate. The provider answers in memory, on another thread.</summary>
internal static class LedgerLoad
{
    private const int PerSecond = 5_000;
    private const int Turns = 15;

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(2);

    internal static async Task RunAsync(Report report, Judge judge)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("harbor-ledger-");
        try
        {
            await RunAsync(report, judge, Path.Combine(folder.FullName, "ledger.db"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(Report report, Judge judge, string path)
    {
        using var provider = new YieldingProvider(KeptText.Short);
        await using FastClient plain = Create(provider, _ => { });
        await using FastClient same = Create(provider, _ => { });
        await using FastClient written = Create(provider, h => h.UseSqliteLedger(path));
        (string Name, FastClient Client, LedgerFigures Figures)[] all =
        [
            ("in memory only", plain, new()),
            ("in memory only, once more", same, new()),
            ("written to a SQLite file", written, new()),
        ];

        // The one thread of the arrivals would otherwise meet what is compiled for the first time.
        foreach ((string _, FastClient client, LedgerFigures _) in all) await TurnAsync(client);
        int[] order = [.. Enumerable.Range(0, all.Length)];
        var random = new Random(1);
        for (int turn = 0; turn < Turns; turn++)
        {
            random.Shuffle(order);
            foreach (int who in order) all[who].Figures.Add(await TurnAsync(all[who].Client));
        }

        report.Line();
        report.Line(string.Create(CultureInfo.InvariantCulture, $"## A ledger, {PerSecond:N0} calls a second, {Turns} turns of {Turn.TotalSeconds:F0} s each"));
        report.Line();
        report.Header(["ledger", "p50 µs", "p99 µs", "failed"]);
        foreach ((string name, FastClient _, LedgerFigures figures) in all)
            report.Row([name, figures.Middle.Show(), figures.Slow.Show(), figures.Failed.ToString(CultureInfo.InvariantCulture)]);

        // What two clients of the same kind lie apart is the noise.
        Samples noise = Samples.Of(Enumerable.Range(0, Turns).Select(turn => Math.Abs(all[1].Figures.Slow[turn] - all[0].Figures.Slow[turn])));
        Samples added = Samples.Of(Enumerable.Range(0, Turns).Select(turn => all[2].Figures.Slow[turn] - all[0].Figures.Slow[turn]));
        judge.Hold(new Promise("a ledger on disk at 5,000 calls/s: p99 above the same client without one; the bar is what two such clients lie apart", noise.Median, Tolerance.Latency, "µs"), [added]);
        CostReport kept = await written.Costs.ReportAsync(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), CostGroup.Model);
        judge.Hold(new Promise("a ledger on disk at 5,000 calls/s: calls that are not in it", 0, Tolerance.None, "calls"), ((Turns + 1) * PerSecond * Turn.TotalSeconds) - kept.Total.Calls);
    }

    private static FastClient Create(YieldingProvider provider, Action<HarborBuilder> configure) => FastClient.Create(h =>
    {
        h.AddOpenAI("key", o => o.UseHandler(provider)).UseDefaultModel("openai/gpt-4o-mini").UseMode(PerformanceMode.Fast);
        configure(h);
    });

    private static async Task<OpenLoopResult> TurnAsync(FastClient client) => await OpenLoop.RunAsync(
        async _ =>
        {
            await client.GetResponseAsync("hi");
            return 0;
        },
        new Arrivals(PerSecond, Turn));

    private sealed class LedgerFigures
    {
        internal Samples Middle { get; } = new();

        internal Samples Slow { get; } = new();

        internal int Failed { get; private set; }

        internal void Add(OpenLoopResult result)
        {
            Middle.Add(result.Latencies.At(0.5) * 1000);
            Slow.Add(result.Latencies.At(0.99) * 1000);
            Failed += result.Failed;
        }
    }
}
