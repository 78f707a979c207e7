using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HarborClient.Tests.Hostile;

// Reads a request and writes bytes that need not be HTTP, then says that there is no more.
internal sealed class RawHost : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _reply;
    private readonly Task _serving;

    public RawHost(string reply)
    {
        _reply = Encoding.UTF8.GetBytes(reply);
        _listener.Start();
        Endpoint = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1/");
        _serving = AcceptAsync();
    }

    public Uri Endpoint { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true) connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient owned = client;
        try
        {
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1, leaveOpen: true);
            int length = 0;
            while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
            {
                if (line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase)) length = int.Parse(line[15..], null);
            }

            await reader.ReadBlockAsync(new char[length], _stop.Token);
            await client.GetStream().WriteAsync(_reply, _stop.Token);
            client.Client.Shutdown(SocketShutdown.Send);

            // Until the client closes, so that what was written is not thrown away by a reset.
            await reader.ReadToEndAsync(_stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // The client closed the connection, or the test is over.
        }
    }
}
