using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HarborClient.IntegrationTests.Stores;

/// <summary>A real Redis on a free port, with a folder of its own and nothing kept; stopped in the end.</summary>
public sealed class RedisServer : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder _folder = new();
    private Process? _process;

    internal static string? Binary { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "redis-server.exe" : "redis-server"))
        .FirstOrDefault(File.Exists);

    internal IPEndPoint EndPoint { get; private set; } = new(IPAddress.Loopback, 0);

    // What it is started with beside the port and the folder.
    internal IReadOnlyList<string> Settings { get; init; } = [];

    internal string Configuration => $"{EndPoint.Address}:{EndPoint.Port}";

    public async Task InitializeAsync()
    {
        // The tests that need it are skipped, and say why.
        if (Binary is null) return;
        EndPoint = new IPEndPoint(IPAddress.Loopback, FreePort());
        await StartAsync();
    }

    // Also after StopAsync, in the same place.
    internal async Task StartAsync()
    {
        _process?.Dispose();
        _process = Process.Start(new ProcessStartInfo(Binary!,
            ["--port", $"{EndPoint.Port}", "--bind", "127.0.0.1", "--dir", _folder.Path, "--save", "", "--appendonly", "no", "--daemonize", "no", .. Settings])
        {
            RedirectStandardOutput = true,
        })!;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null) ready.TrySetException(new InvalidOperationException("redis-server ended before it was ready."));
            else if (line.Data.Contains("Ready to accept connections", StringComparison.Ordinal)) ready.TrySetResult();
        };
        _process.BeginOutputReadLine();
        await ready.Task.WaitAsync(Guard);
    }

    // As if its machine had lost power.
    internal async Task StopAsync()
    {
        _process!.Kill();
        using var guard = new CancellationTokenSource(Guard);
        await _process.WaitForExitAsync(guard.Token);
    }

    // As if its machine had hung: connections stay, and nobody answers.
    internal Task PauseAsync() => SignalAsync("STOP");

    internal Task ResumeAsync() => SignalAsync("CONT");

    // One command over a connection of its own, as a person types it.
    internal async Task<string> AskAsync(string command)
    {
        using var client = new TcpClient();
        using var guard = new CancellationTokenSource(Guard);
        await client.ConnectAsync(EndPoint, guard.Token);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(command + "\r\nQUIT\r\n"), guard.Token);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(guard.Token);
    }

    public Task DisposeAsync() => _process is null ? Task.CompletedTask : StopAsync();

    public void Dispose()
    {
        _process?.Dispose();
        _folder.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_process!.Id}"]);
        using var guard = new CancellationTokenSource(Guard);
        await kill.WaitForExitAsync(guard.Token);
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
