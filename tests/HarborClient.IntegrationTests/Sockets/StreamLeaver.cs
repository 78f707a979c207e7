using System.Diagnostics;
using System.Globalization;

namespace HarborClient.IntegrationTests.Sockets;

/// <summary>A process of its own that trusts one certificate more, opens streams on the library's own handler, and leaves them after their first piece.</summary>
internal sealed class StreamLeaver : IDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private StreamLeaver(Process process) => _process = process;

    internal static StreamLeaver Start(Uri endpoint, string certificateFile)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [typeof(StreamLeaver).Assembly.Location, endpoint.ToString()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["SSL_CERT_FILE"] = certificateFile;
        return new StreamLeaver(Process.Start(start)!);
    }

    /// <summary>Opens a stream and leaves it.</summary>
    /// <returns>When it was left; both processes read the same clock.</returns>
    internal async Task<DateTimeOffset> LeaveOneAsync() => DateTimeOffset.ParseExact(await AskAsync("leave"), "O", CultureInfo.InvariantCulture);

    /// <summary>Ends the process.</summary>
    /// <returns>What its client held in the end.</returns>
    internal async Task<string> EndAsync()
    {
        string outstanding = await AskAsync("end");
        using var guard = new CancellationTokenSource(Guard);
        await _process.WaitForExitAsync(guard.Token);
        return outstanding;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private async Task<string> AskAsync(string what)
    {
        await _process.StandardInput.WriteLineAsync(what);
        await _process.StandardInput.FlushAsync();
        using var guard = new CancellationTokenSource(Guard);
        return await _process.StandardOutput.ReadLineAsync(guard.Token) ?? throw new InvalidOperationException("The process that leaves streams ended by itself.");
    }

    /// <summary>The other process: one line in, one line out.</summary>
    internal static async Task RunAsync(string endpoint)
    {
        await using var harbor = FastClient.Create(h => h.AddLocal("lab", new Uri(endpoint)).UseDefaultModel("lab/small"));
        while (Console.ReadLine() == "leave")
        {
            DateTimeOffset left = default;
            await foreach (string piece in harbor.StreamTextAsync("hi"))
            {
                left = TimeProvider.System.GetUtcNow();
                break;
            }

            Console.WriteLine(left.ToString("O", CultureInfo.InvariantCulture));
        }

        Console.WriteLine(harbor.Outstanding());
    }
}
