using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Measuring;

namespace HarborClient.Benchmarks.Gate;

/// <summary>How long after a caller breaks out of a stream the server sees the connection close. A raw socket stands in for the server, for it has to watch.</summary>
internal static class CloseDelay
{
    private const int Tries = 11;

    /// <summary>The beginning of a stream that is far from its end.</summary>
    private static readonly byte[] Opening = System.Text.Encoding.ASCII.GetBytes(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 100000\r\n\r\n"
        + """data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"first"}}]}""" + "\n\n");

    internal static async Task<double> MeasureAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var endpoint = new Uri($"http://{listener.LocalEndpoint}/v1/");
        await using FastClient client = FastClient.Create(h => Dialect.OpenAI.Register(h, endpoint, null));
        var delays = new Samples();
        for (int i = 0; i < Tries; i++)
        {
            Task<long> closed = WatchAsync(listener);
            long left = 0;
            await foreach (string piece in client.StreamTextAsync("go"))
            {
                left = Stopwatch.GetTimestamp();
                if (piece.Length > 0) break;
            }

            delays.Add(Stopwatch.GetElapsedTime(left, await closed).TotalMilliseconds);
        }

        return delays.Median;
    }

    private static async Task<long> WatchAsync(TcpListener listener)
    {
        using Socket socket = await listener.AcceptSocketAsync();
        byte[] buffer = new byte[16 << 10];
        await socket.ReceiveAsync(buffer);
        await socket.SendAsync(Opening);
        try
        {
            while (await socket.ReceiveAsync(buffer) > 0)
            {
                // Until the client closes.
            }
        }
        catch (SocketException)
        {
            // A reset is a close too.
        }

        return Stopwatch.GetTimestamp();
    }
}
