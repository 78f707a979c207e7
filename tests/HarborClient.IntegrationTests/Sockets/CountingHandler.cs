using System.Net.Sockets;

namespace HarborClient.IntegrationTests.Sockets;

/// <summary>A caller's SocketsHttpHandler with its defaults, and how many bytes were taken out of its sockets. What the kernel holds beyond that was never read.</summary>
internal sealed class CountingHandler : IDisposable
{
    private long _bytes;

    internal CountingHandler() => Handler = new SocketsHttpHandler { ConnectCallback = ConnectAsync };

    internal SocketsHttpHandler Handler { get; }

    internal long BytesRead => Interlocked.Read(ref _bytes);

    public void Dispose() => Handler.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        return new CountingStream(this, socket);
    }

    private sealed class CountingStream(CountingHandler owner, Socket socket) : NetworkStream(socket, ownsSocket: true)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = await base.ReadAsync(buffer, cancellationToken);
            Interlocked.Add(ref owner._bytes, count);
            return count;
        }
    }
}
