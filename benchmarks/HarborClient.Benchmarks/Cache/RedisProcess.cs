using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace HarborClient.Benchmarks.Cache;

/// <summary>A real Redis on a free port of loopback, with a folder of its own and nothing written to disk. Ended with this object.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private const string Name = "redis-server";
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("harbor-redis-");
    private readonly Process _process;

    private RedisProcess()
    {
        int port = FreePort();
        Configuration = $"127.0.0.1:{port}";
        _process = Process.Start(new ProcessStartInfo(Name, ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", _folder.FullName, "--save", "", "--appendonly", "no"]) { RedirectStandardOutput = true })!;
    }

    internal string Configuration { get; }

    internal int ProcessId => _process.Id;

    /// <summary>Its version, or null where there is none on the path.</summary>
    internal static string? FindVersion()
    {
        try
        {
            using Process asked = Process.Start(new ProcessStartInfo(Name, ["--version"]) { RedirectStandardOutput = true })!;
            string line = asked.StandardOutput.ReadToEnd();
            asked.WaitForExit();
            return line.Split(' ').FirstOrDefault(word => word.StartsWith("v=", StringComparison.Ordinal))?[2..];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    internal static async Task<RedisProcess> StartAsync()
    {
        var redis = new RedisProcess();
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        redis._process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null) ready.TrySetException(new InvalidOperationException("redis-server ended before it was ready."));
            else if (line.Data.Contains("Ready to accept connections", StringComparison.Ordinal)) ready.TrySetResult();
        };
        redis._process.BeginOutputReadLine();
        await ready.Task.WaitAsync(Guard);
        return redis;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
