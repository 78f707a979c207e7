using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Pools;
using HarborClient.Providers;
using Microsoft.Extensions.Logging;

namespace HarborClient;

/// <content>How much memory may be in use before the client gives up what it keeps to be faster.</content>
public sealed partial class HarborBuilder
{
    /// <summary>No cache is of use below it.</summary>
    private const long LeastMemoryBytes = 16L << 20;

    private const long MostMemoryBytes = 1L << 40;

    private long? _memoryLimitBytes;
    private Func<long>? _measureMemory;

    /// <summary>Sheds caches when memory runs short. In configuration: <c>MemoryLimitBytes</c>. Off unless this is called.</summary>
    /// <param name="bytes">Bytes that may be in use; 16 MiB to 1 TiB.</param>
    /// <param name="measure">
    /// What is in use, in bytes; called when calls end, at most once a second, and never twice at a time. Default <see langword="null"/>: the managed heap
    /// of the process as the last garbage collection left it, and beside it the load of the machine or container. With a function of one's own, such as one
    /// that asks for <see cref="Environment.WorkingSet"/>, only what it returns counts.
    /// </param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// From 80 % of the limit on, or when the garbage collector calls the memory load of the machine high, the client empties its caches each time it looks, kept answers included; those in the levels below stay. Above 95 %, and until less than 90 % is in use, it keeps nothing in memory.
    /// It warns once, and again only after less than 70 % was in use and the load was lower. Nothing is looked at while no call ends;
    /// <see cref="FastClient.TrimMemory"/> empties the caches at any time. The limit bounds only what the client keeps: it refuses no call.
    /// </remarks>
    public HarborBuilder UseMemoryLimit(long bytes, Func<long>? measure = null) => With(() =>
    {
        _memoryLimitBytes = bytes;
        _measureMemory = measure;
    });

    private MemoryGuard CreateMemoryGuard(ILogger logger)
    {
        if (_memoryLimitBytes is { } bytes) SettingCheck.Range(bytes, LeastMemoryBytes, MostMemoryBytes, "MemoryLimitBytes (UseMemoryLimit)");
        Func<MemoryReading> read = _measureMemory is { } measure ? () => new MemoryReading(measure(), 0) : MemoryReading.OfProcess;
        var guard = new MemoryGuard(_time, logger, _memoryLimitBytes, read);
        guard.Register(SegmentPool.Clear);
        guard.Register(DeclaredTools.ClearAll);
        return guard;
    }
}
