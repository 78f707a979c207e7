using HarborClient.Benchmarks.Cache;
using HarborClient.Benchmarks.Gate;
using HarborClient.Benchmarks.Load;
using HarborClient.Benchmarks.Micro;
using HarborClient.Benchmarks.Peers;
using HarborClient.Benchmarks.Quick;
using HarborClient.Benchmarks.Soak;
using HarborClient.Benchmarks.Startup;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks;

/// <summary>The commands of this program, one folder each.</summary>
internal static class Commands
{
    private const string Usage = """
        Usage: dotnet run -c Release --project benchmarks/HarborClient.Benchmarks -- COMMAND

          quick                       HarborClient and a bare invoker in memory; a minute
          gate [--ci]                 one line per promise, exit code 1 when one is broken; two minutes, --ci for machines that do other things too
          peers [--short] [--only TITLE] [--without-peers]
                                      against bare HttpClient and the official SDKs, client and upstream in separate processes
          load [--short] [heap] [rates] [streams] [crowd] [ledger]
                                      many calls in a row, calls at a fixed rate, many streams, many in flight, a ledger on disk; all when none is named
          cache [memory] [redis] [sqlite] [traces]          what a hit costs in each level, how many calls are answered by caches; all when none is named;
                                      needs redis-server on the path
          startup                     fresh process to first answer
          micro [BenchmarkDotNet's arguments]
          soak [--minutes N]          all modes with cancels and abandons; memory, leaks

        gate, peers, load, cache, startup and soak end with a line for every promise that they measure, and with exit code 1 when one is broken.
        peers, load, cache and startup write benchmarks/results/DATE-COMMIT-COMMAND.md unless --no-file is given.
        """;

    internal static async Task<int> RunAsync(string[] args)
    {
        string[] rest = [.. args.Skip(1)];
        switch (args.FirstOrDefault())
        {
            case "quick":
                await QuickComparison.RunAsync();
                return 0;
            case "gate":
                return await GateCommand.RunAsync(rest);
            case "peers":
                return await PeersCommand.RunAsync(rest);
            case "load":
                return await LoadCommand.RunAsync(rest);
            case "cache":
                return await CacheCommand.RunAsync(rest);
            case "startup":
                return await StartupCommand.RunAsync(rest);
            case "micro":
                MicroCommand.Run(rest);
                return 0;
            case "soak":
                return await SoakCommand.RunAsync(rest);

            // Not for people: what the others start as their second process.
            case "leave":
                await CloseDelay.LeaveAsync(rest);
                return 0;
            case AskerProcess.Command:
                await AskerProcess.RunAsync(rest);
                return 0;
            case "upstream":
                await UpstreamServer.RunAsync();
                return 0;
            default:
                Console.WriteLine(Usage);
                return 1;
        }
    }
}
