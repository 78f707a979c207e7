using System.Diagnostics;
using HarborClient.Tests;

namespace HarborClient.IntegrationTests.Programs;

/// <summary>A program that ran to its end.</summary>
internal sealed record ProgramRun(int ExitCode, string Output)
{
    /// <summary>Longest a program may take: a clean restore and build of two small projects on two slow cores.</summary>
    private static readonly TimeSpan Guard = TimeSpan.FromMinutes(4);

    /// <summary>Runs <c>dotnet</c>, standard output and error in one text.</summary>
    internal static async Task<ProgramRun> DotnetAsync(string folder, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // A build server that outlives the command would keep the pipes open, and the test waiting.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        using var guard = new CancellationTokenSource(Guard);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(guard.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(guard.Token);
            await process.WaitForExitAsync(guard.Token);
            string said = await output + await error;
            KeyWatch.Hear($"the output of {string.Join(' ', arguments)}", said);
            return new ProgramRun(process.ExitCode, said);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"dotnet {string.Join(' ', arguments)} did not end within {Guard}.");
        }
    }
}
