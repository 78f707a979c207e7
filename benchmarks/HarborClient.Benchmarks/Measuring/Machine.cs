using System.Globalization;
using System.Runtime.InteropServices;

namespace HarborClient.Benchmarks.Measuring;

/// <summary>What a result was measured on, without anything that names the machine.</summary>
internal static class Machine
{
    private const string LoadFile = "/proc/loadavg";

    internal static string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} cores ({Processor()}), {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, workstation GC");

    /// <summary>How busy the machine is with other work before measuring begins; null where it does not say.</summary>
    internal static double? Load() =>
        File.Exists(LoadFile) && double.TryParse(File.ReadAllText(LoadFile).Split(' ')[0], CultureInfo.InvariantCulture, out double load) ? load : null;

    /// <summary>Whether to believe the numbers. After a run the load has the run itself in it.</summary>
    internal static string DescribeLoad(string when = "before") => Load() is not { } load ? "load unknown" : string.Create(
        CultureInfo.InvariantCulture,
        $"load {when} the run {load:F1}{(load > 0.5 ? " (OTHER WORK WAS RUNNING: provisional numbers)" : "")}");

    private static string Processor()
    {
        const string Cpuinfo = "/proc/cpuinfo";
        string? line = File.Exists(Cpuinfo) ? File.ReadLines(Cpuinfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
