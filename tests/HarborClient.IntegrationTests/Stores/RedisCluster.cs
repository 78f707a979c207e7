using System.Globalization;

namespace HarborClient.IntegrationTests.Stores;

// Three masters that share the slots; what the dead one has is away, and the others go on.
internal sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16_384;

    private readonly List<int> _ports = [];

    public List<RedisServer> Nodes { get; } = [];

    public string Configuration => string.Join(',', Nodes.Select(node => node.Configuration));

    public static async Task<RedisCluster> StartAsync()
    {
        var cluster = new RedisCluster();
        for (int i = 0; i < 3; i++) await cluster.AddAsync();
        for (int i = 0; i < 3; i++)
        {
            string range = string.Create(CultureInfo.InvariantCulture, $"{Slots * i / 3} {(Slots * (i + 1) / 3) - 1}");
            (await cluster.Nodes[i].AskAsync($"CLUSTER ADDSLOTSRANGE {range}")).Should().StartWith("+OK");
            (await cluster.Nodes[i].AskAsync($"CLUSTER SET-CONFIG-EPOCH {i + 1}")).Should().StartWith("+OK");
        }

        for (int i = 1; i < 3; i++)
        {
            RedisServer node = cluster.Nodes[i];
            (await cluster.Nodes[0].AskAsync($"CLUSTER MEET {node.EndPoint.Address} {node.EndPoint.Port} {cluster._ports[i]}")).Should().StartWith("+OK");
        }

        await cluster.HealedAsync();
        return cluster;
    }

    // Every node knows every other, and all slots are served.
    public async Task HealedAsync()
    {
        foreach (RedisServer node in Nodes)
        {
            await Poll.UntilAsync(async () =>
            {
                string info = await node.AskAsync("CLUSTER INFO");
                return info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains("cluster_known_nodes:3", StringComparison.Ordinal)
                    && info.Contains($"cluster_slots_ok:{Slots}", StringComparison.Ordinal);
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RedisServer node in Nodes)
        {
            await node.DisposeAsync();
            node.Dispose();
        }
    }

    private async Task AddAsync()
    {
        int port = RedisServer.FreePort();
        _ports.Add(port);
        var node = new RedisServer
        {
            Settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no", "--cluster-port", port.ToString(CultureInfo.InvariantCulture)],
        };
        Nodes.Add(node);
        await node.InitializeAsync();
    }
}
