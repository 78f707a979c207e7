namespace HarborClient.Pipeline;

/// <summary>How much memory is in use.</summary>
/// <param name="Bytes">What the limit is compared with.</param>
/// <param name="MachineLoad">The memory of the machine or container that is in use, as a part of what the garbage collector takes for a high load; 0 where only the limit counts.</param>
internal readonly record struct MemoryReading(long Bytes, double MachineLoad)
{
    /// <summary>The managed heap as the last collection left it: cheap to ask for, and garbage that is about to go does not count.</summary>
    internal static MemoryReading OfProcess()
    {
        GCMemoryInfo last = GC.GetGCMemoryInfo(GCKind.Any);
        return new MemoryReading(last.HeapSizeBytes, last.HighMemoryLoadThresholdBytes > 0 ? (double)last.MemoryLoadBytes / last.HighMemoryLoadThresholdBytes : 0);
    }
}
