using HarborClient.Benchmarks.Gate;
using HarborClient.Benchmarks.Peers;
using HarborClient.Benchmarks.Quick;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks;

/// <summary>The commands of this program, one folder each.</summary>
internal static class Commands
{
    internal static async Task<int> RunAsync(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case "quick":
                await QuickComparison.RunAsync();
                return 0;
            case "peers":
                await PeersCommand.RunAsync(args);
                return 0;
            case "gate":
                return await GateCommand.RunAsync();
            case "upstream":
                await UpstreamServer.RunAsync();
                return 0;
            default:
                return 1;
        }
    }
}
