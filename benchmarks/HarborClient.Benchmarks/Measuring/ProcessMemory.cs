namespace HarborClient.Benchmarks.Measuring;

/// <summary>How much memory this process holds.</summary>
internal static class ProcessMemory
{
    internal static double ResidentMegabytes => Environment.WorkingSet / (1024.0 * 1024);

    /// <summary>Live managed bytes, after everything that can go has gone.</summary>
    internal static long ManagedBytes()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
