using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HarborClient.Tests.Transport;

// An HTTP/1.1 host of a few lines that counts its connections and keeps the heads of its requests.
internal sealed class LoopbackHost : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _reply;
    private readonly List<string> _heads = [];
    private readonly Task _serving;
    private int _connections;

    // The reply's head without content-length, and its body.
    public LoopbackHost(string head, string body)
    {
        _reply = $"{head}\r\ncontent-length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
        _listener.Start();
        Endpoint = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1/");
        _serving = AcceptAsync();
    }

    public Uri Endpoint { get; }

    public int Connections => Volatile.Read(ref _connections);

    public IReadOnlyList<string> Heads
    {
        get
        {
            lock (_heads) return [.. _heads];
        }
    }

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
            while (true)
            {
                var socket = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                connections.Add(ServeAsync(socket));
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // Cancelled, or stopped before it was asked for the next connection.
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        try
        {
            while (await ReadRequestAsync(reader)) await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(_reply), _stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client closed the connection, or the test is over.
        }
    }

    private async Task<bool> ReadRequestAsync(StreamReader reader)
    {
        var head = new StringBuilder();
        var length = 0;
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            if (line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase)) length = int.Parse(line[15..], null);
            if (line.Length > 0)
            {
                head.AppendLine(line);
                continue;
            }

            lock (_heads) _heads.Add(head.ToString());
            await reader.ReadBlockAsync(new char[length], _stop.Token);
            return true;
        }

        return false;
    }
}
