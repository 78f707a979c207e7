using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Startup;

/// <summary>Fresh process to first answer: publishes the small program HarborClient.ColdStart, just-in-time compiled and ReadyToRun, and starts it again and again.</summary>
internal static class StartupCommand
{
    private const int Rounds = 15;
    private const double MostOverBare = 1.5;

    /// <summary>All providers, Redis out of reach and a SQLite file.</summary>
    private const string Levels = "levels";

    /// <summary>What the dearest of the official SDKs takes.</summary>
    private const double MostWithLevels = 160;

    private static readonly (string Argument, string Name)[] Callers =
    [
        ("bare", "bare HttpClient"),
        ("openai", "OpenAI 2.15.0"),
        ("anthropic", "Anthropic 13.11.0"),
        ("anthropic-chat", "Anthropic 13.11.0 as IChatClient"),
        ("Fast", "HarborClient Fast"),
        ("Balanced", "HarborClient Balanced"),
        ("Full", "HarborClient Full"),
        (Levels, "HarborClient Full, every provider, Redis out of reach, SQLite"),
    ];

    internal static async Task<int> RunAsync(string[] args)
    {
        if (Checkout.Root() is not { } root)
        {
            Console.WriteLine("startup publishes benchmarks/HarborClient.ColdStart, so it needs the checkout that it was built from.");
            return 1;
        }

        var report = new Report();
        report.Begin("Startup");
        report.Line("One process per figure, in turns. The ratio is of the time from the first line of Main to the answer; beside it the time from the start of the process.");
        var verdicts = new List<string>();
        var judge = new Judge(verdicts.Add);
        string folder = Directory.CreateTempSubdirectory("coldstart").FullName;
        try
        {
            using UpstreamProcess upstream = await UpstreamProcess.StartAsync();
            foreach (bool isReadyToRun in new[] { false, true })
            {
                string program = Publish(root, folder, isReadyToRun);
                Dictionary<string, (Samples Main, Samples Whole)> measured = Measure(program, new Route(StreamKind.Text).Anthropic(upstream.Plain), folder);
                string title = isReadyToRun ? "ReadyToRun" : "Just-in-time";
                Print(report, title, measured);
                Hold(judge, title, measured);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        int exitCode = judge.Conclude();
        report.Promises(verdicts);
        if (!args.Contains("--no-file")) report.Save("startup");
        return exitCode;
    }

    private static string Publish(string root, string folder, bool isReadyToRun)
    {
        string output = Path.Combine(folder, isReadyToRun ? "r2r" : "jit");
        string[] arguments =
        [
            "publish", Path.Combine(root, "benchmarks", "HarborClient.ColdStart"), "-c", "Release", "-v", "quiet", "-o", output, "--artifacts-path", Path.Combine(folder, "build"),
            .. isReadyToRun ? (string[])["-r", RuntimeInformation.RuntimeIdentifier, "--self-contained", "false", "-p:PublishReadyToRun=true"] : [],
        ];
        using Process publishing = Process.Start("dotnet", arguments);
        publishing.WaitForExit();
        if (publishing.ExitCode != 0) throw new InvalidOperationException("HarborClient.ColdStart could not be published.");
        return Path.Combine(output, "HarborClient.ColdStart.dll");
    }

    private static Dictionary<string, (Samples Main, Samples Whole)> Measure(string program, Uri server, string folder)
    {
        var measured = Callers.ToDictionary(caller => caller.Argument, _ => (Main: new Samples(), Whole: new Samples()));

        // One round more, thrown away: it fills the file cache.
        for (int round = -1; round < Rounds; round++)
        {
            foreach ((string argument, _) in Callers)
            {
                long started = Stopwatch.GetTimestamp();
                using Process process = Process.Start(new ProcessStartInfo("dotnet", [program, argument, $"{server.AbsoluteUri}/", Words.Question, folder]) { RedirectStandardOutput = true })!;
                string line = process.StandardOutput.ReadLine() ?? "";
                double whole = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                process.WaitForExit();
                if (!double.TryParse(line, CultureInfo.InvariantCulture, out double main)) throw new InvalidOperationException($"{argument} did not answer.");
                if (round < 0) continue;
                measured[argument].Main.Add(main);
                measured[argument].Whole.Add(whole);
            }
        }

        return measured;
    }

    private static void Hold(Judge judge, string title, Dictionary<string, (Samples Main, Samples Whole)> measured)
    {
        Samples bare = measured[Callers[0].Argument].Main;
        foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
            judge.Hold(new Promise($"{title}: first call of a cold process, {mode}, over bare", MostOverBare, Tolerance.Startup, "x"), [measured[mode.ToString()].Main.Over(bare)]);
        judge.Hold(new Promise($"{title}: first call of a cold process with every provider, Redis out of reach and SQLite", MostWithLevels, Tolerance.Startup, "ms"), [measured[Levels].Main]);
    }

    private static void Print(Report report, string title, Dictionary<string, (Samples Main, Samples Whole)> measured)
    {
        report.Line();
        report.Line($"## {title}");
        report.Line();
        report.Header(["", "Main to answer, ms", "ratio", "process to answer, ms"]);
        Samples bare = measured[Callers[0].Argument].Main;
        foreach ((string argument, string name) in Callers)
        {
            (Samples main, Samples whole) = measured[argument];
            report.Row([name, main.Show("F1"), string.Create(CultureInfo.InvariantCulture, $"{main.RatioTo(bare):F2}x"), whole.Show("F1")]);
        }
    }
}
