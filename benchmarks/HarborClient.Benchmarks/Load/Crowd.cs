using System.Globalization;
using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Load;

/// <summary>So many one-shot calls in flight at the same moment, and the memory that the process then holds.</summary>
internal static class Crowd
{
    private const int DelayMilliseconds = 3000;
    private const int PromisedSize = 10_000;
    private const double PromisedMegabytes = 600;

    private static readonly int[] Sizes = [10, 50, 100, 200, 500, 1000, 7500, PromisedSize];

    internal static async Task RunAsync(Report report, Judge judge, UpstreamProcess upstream)
    {
        report.Line();
        report.Line("## Calls in flight, one-shot, HTTP/1.1");
        report.Line();
        report.Line("Resident memory of the client's process half-way through the wait. What the process came to hold before is in every later figure: compare neighbours.");
        report.Line();
        report.Header(["in flight", "bare HttpClient MB", "Fast MB", "Balanced MB", "Full MB"]);
        foreach (int size in Sizes)
        {
            var cells = new List<string> { size.ToString("N0", CultureInfo.InvariantCulture) };
            foreach (int who in new[] { 0, Callers.FirstMode, Callers.FirstMode + 1, Callers.FirstMode + 2 })
            {
                // Clients of its own for every figure: idle connections of the others would be in it, and count against the limit on open files.
                using var callers = new Callers(upstream, DelayMilliseconds);
                (string name, Func<int, Task<long>> callAsync) = callers.All[who];
                double megabytes = await HoldAsync(callAsync, size);
                cells.Add(megabytes.ToString("F0", CultureInfo.InvariantCulture));
                if (who > 0 && size == PromisedSize)
                    judge.Hold(new Promise(string.Create(CultureInfo.InvariantCulture, $"{name}, {size:N0} calls in flight: resident memory"), PromisedMegabytes, Tolerance.Bytes, "MB"), megabytes);
            }

            report.Row([.. cells]);
        }
    }

    private static async Task<double> HoldAsync(Func<int, Task<long>> call, int size)
    {
        ProcessMemory.ManagedBytes();
        Task[] running = [.. Enumerable.Range(0, size).Select(call)];
        await Task.Delay(DelayMilliseconds / 2);
        double resident = ProcessMemory.ResidentMegabytes;
        await Task.WhenAll(running);
        return resident;
    }
}
