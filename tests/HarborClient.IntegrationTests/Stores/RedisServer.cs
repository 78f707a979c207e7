using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

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

    public async Task InitializeAsync()
    {
        // The tests that need it are skipped, and say why.
        if (Binary is null) return;
        EndPoint = new IPEndPoint(IPAddress.Loopback, FreePort());
        _process = Process.Start(new ProcessStartInfo(Binary,
            ["--port", $"{EndPoint.Port}", "--bind", "127.0.0.1", "--dir", _folder.Path, "--save", "", "--appendonly", "no", "--daemonize", "no"])
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

    public Task DisposeAsync() => _process is null ? Task.CompletedTask : StopAsync();

    public void Dispose()
    {
        _process?.Dispose();
        _folder.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
