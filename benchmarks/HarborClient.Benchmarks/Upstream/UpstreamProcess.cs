using System.Diagnostics;

namespace HarborClient.Benchmarks.Upstream;

/// <summary>This program, started a second time as the upstream.</summary>
internal sealed class UpstreamProcess : IDisposable
{
    private readonly Process _process;

    private UpstreamProcess(Process process, Uri plain, Uri secure)
    {
        _process = process;
        Plain = plain;
        Secure = secure;
    }

    internal int ProcessId => _process.Id;

    /// <summary>HTTP/1.1 without TLS.</summary>
    internal Uri Plain { get; }

    /// <summary>TLS with HTTP/2.</summary>
    internal Uri Secure { get; }

    internal static async Task<UpstreamProcess> StartAsync()
    {
        Process process = Process.Start(OwnProgram.Start("upstream"))!;
        string? line = await process.StandardOutput.ReadLineAsync();
        if (line is null || !line.StartsWith(UpstreamServer.Greeting, StringComparison.Ordinal)) throw new InvalidOperationException($"The upstream did not start: {line}");
        string[] addresses = line[UpstreamServer.Greeting.Length..].Split(' ');
        return new UpstreamProcess(process, new Uri(addresses[0]), new Uri(addresses[1]));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5))) _process.Kill();
        _process.Dispose();
    }
}
