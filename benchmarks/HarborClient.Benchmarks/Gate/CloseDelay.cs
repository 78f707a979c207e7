using System.Diagnostics;
using System.Globalization;
using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Gate;

/// <summary>
/// How long after a caller breaks out of a stream the server sees it. The caller is a process of its own (this program again), because HarborClient's own
/// handler trusts what the process trusts, and that is said by an environment variable. Time stamps are of the machine's one clock.
/// </summary>
internal static class CloseDelay
{
    /// <summary>How a client is connected.</summary>
    internal static readonly string[] Ways = ["HTTP/1.1, own handler", "HTTP/1.1, caller's handler", "HTTP/2, own handler", "HTTP/2, caller's handler"];

    private const int Tries = 11;
    private const string TrustVariable = "SSL_CERT_FILE";
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    internal static async Task<IReadOnlyDictionary<string, Samples>> MeasureAsync()
    {
        string trusted = Path.GetTempFileName();
        try
        {
            await using CloseServer server = await CloseServer.StartAsync();
            await File.WriteAllTextAsync(trusted, server.Certificate);
            var delays = new Dictionary<string, Samples>();
            for (int way = 0; way < Ways.Length; way++)
            {
                // The trust store of a file is read on Linux only.
                if (Ways[way] == "HTTP/2, own handler" && !OperatingSystem.IsLinux()) continue;
                delays.Add(Ways[way], await MeasureAsync(server, server.Addresses[way / 2], isOwnHandler: way % 2 == 0, trusted));
            }

            return delays;
        }
        finally
        {
            File.Delete(trusted);
        }
    }

    /// <summary>The other process: leaves streams and prints when it did.</summary>
    /// <param name="args">The server and whether the handler is HarborClient's own.</param>
    internal static async Task LeaveAsync(string[] args)
    {
        var server = new Uri(args[0]);
        using System.Net.Http.SocketsHttpHandler? handler = bool.Parse(args[1]) ? null : Handlers.Create(server.Scheme == Uri.UriSchemeHttps ? Protocol.Http2 : Protocol.Http1);
        await using FastClient client = FastClient.Create(h => Dialect.OpenAI.Register(h, new Uri(server, "v1/"), handler));
        while (await Console.In.ReadLineAsync() is not null)
        {
            long left = 0;
            await foreach (string piece in client.StreamTextAsync("go"))
            {
                left = Stopwatch.GetTimestamp();
                if (piece.Length > 0) break;
            }

            Console.WriteLine(left);
        }
    }

    private static async Task<Samples> MeasureAsync(CloseServer server, Uri address, bool isOwnHandler, string trusted)
    {
        ProcessStartInfo start = OwnProgram.Start("leave", address.AbsoluteUri, isOwnHandler.ToString());
        start.Environment[TrustVariable] = trusted;
        using Process leaver = Process.Start(start)!;
        var delays = new Samples();

        // One more, thrown away: the first connects and compiles.
        for (int i = -1; i < Tries; i++)
        {
            await leaver.StandardInput.WriteLineAsync();
            await leaver.StandardInput.FlushAsync();
            string? line = await leaver.StandardOutput.ReadLineAsync();
            if (line is null) throw new InvalidOperationException("The process that leaves streams ended early.");
            using var guard = new CancellationTokenSource(Longest);
            long left = long.Parse(line, CultureInfo.InvariantCulture), seen = await server.NextAsync(guard.Token);
            if (i >= 0) delays.Add(Stopwatch.GetElapsedTime(left, seen).TotalMilliseconds);
        }

        leaver.StandardInput.Close();
        await leaver.WaitForExitAsync();
        return delays;
    }
}
