using System.Diagnostics;

namespace HarborClient.Benchmarks.Upstream;

/// <summary>This program, to be started a second time.</summary>
internal static class OwnProgram
{
    internal static ProcessStartInfo Start(params string[] arguments) => new(Environment.ProcessPath!, [.. HostArguments(), .. arguments])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    };

    /// <summary>Started through the dotnet host, the program is the host's first argument.</summary>
    private static string[] HostArguments() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath!).Equals("dotnet", StringComparison.OrdinalIgnoreCase) ? [typeof(OwnProgram).Assembly.Location] : [];
}
