using System.Net.Sockets;

namespace HarborClient.IntegrationTests.Sockets;

/// <summary>An emulator on a real port and a client that talks to it.</summary>
internal sealed class SocketClient : IAsyncDisposable
{
    private readonly EmulatorServer _server;
    private readonly SocketsHttpHandler? _handler;
    private int _connections;

    private SocketClient(EmulatorServer server, ServerKind kind)
    {
        _server = server;
        if (kind != ServerKind.OwnHandler)
        {
            _handler = server.CreateTrustingHandler();
            _handler.ConnectCallback = ConnectAsync;
        }

        Harbor = FastClient.Create(h => h
            .AddLocal("lab", server.Endpoint, o =>
            {
                if (_handler is not null) o.UseHandler(_handler);
            })
            .UseDefaultModel("lab/small"));
    }

    internal FastClient Harbor { get; }

    /// <summary>How many connections a caller's handler has made.</summary>
    internal int Connections => Volatile.Read(ref _connections);

    internal static async Task<SocketClient> StartAsync(ProviderEmulator provider, ServerKind kind) =>
        new(await provider.StartAsync(useTls: kind == ServerKind.CallersHandlerHttp2), kind);

    public async ValueTask DisposeAsync()
    {
        await Harbor.DisposeAsync();
        _handler?.Dispose();
        await _server.DisposeAsync();
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _connections);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
