using System.Diagnostics;
using System.Globalization;

namespace HarborClient.Benchmarks.Measuring;

/// <summary>
/// Which cores client and upstream run on. Left to the system, the two share a core in one moment (the answer is there without the core going idle) and
/// have one each in the next, and the same call of the bare client costs 20 or 70 µs. So processor time is measured with a core for each, as a client has
/// whose provider is another machine; throughput is measured with all cores for both.
/// </summary>
internal static class Cores
{
    private const string StatusFile = "/proc/self/status";
    private const string AllowedField = "Cpus_allowed_list:";

    private static readonly string Allowed = ReadAllowed();
    private static readonly int[] Each = [.. Expand(Allowed).Take(2)];

    /// <summary>Whether this system lets processes be bound to cores and has one for each.</summary>
    internal static bool CanSeparate { get; private set; } = OperatingSystem.IsLinux() && Each.Length == 2;

    internal static string Describe() => CanSeparate
        ? "processor time with a core each for client and upstream, throughput with all cores for both"
        : "client and upstream NOT bound to cores: processor time is noisy";

    internal static async Task SeparateAsync(int otherProcess)
    {
        await BindAsync(Environment.ProcessId, Each.FirstOrDefault().ToString(CultureInfo.InvariantCulture));
        await BindAsync(otherProcess, Each.LastOrDefault().ToString(CultureInfo.InvariantCulture));
    }

    internal static async Task ShareAsync(int otherProcess)
    {
        await BindAsync(Environment.ProcessId, Allowed);
        await BindAsync(otherProcess, Allowed);
    }

    /// <summary>All threads that exist; later ones inherit it.</summary>
    private static async Task BindAsync(int process, string cores)
    {
        if (!CanSeparate) return;
        try
        {
            using Process binding = Process.Start(new ProcessStartInfo("taskset", ["-a", "-c", "-p", cores, process.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
            await binding.StandardOutput.ReadToEndAsync();
            await binding.WaitForExitAsync();
            CanSeparate = binding.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            CanSeparate = false;
        }
    }

    private static string ReadAllowed() =>
        File.Exists(StatusFile) && File.ReadLines(StatusFile).FirstOrDefault(line => line.StartsWith(AllowedField, StringComparison.Ordinal)) is { } line ? line[AllowedField.Length..].Trim() : "";

    /// <summary><c>0-1,4</c> as 0, 1 and 4.</summary>
    private static IEnumerable<int> Expand(string list)
    {
        foreach (string range in list.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int[] ends = [.. range.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture))];
            for (int core = ends[0]; core <= ends[^1]; core++) yield return core;
        }
    }
}
