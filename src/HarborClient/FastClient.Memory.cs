using HarborClient.Pipeline;

namespace HarborClient;

/// <content>What the client keeps only to be faster.</content>
public sealed partial class FastClient
{
    private readonly MemoryGuard _memory;

    /// <summary>Empties the client's caches now, whether a memory limit is set (<see cref="HarborBuilder.UseMemoryLimit"/>) or not.</summary>
    /// <remarks>
    /// Drops what can be made again: answers and values kept in this process's memory, and written declarations of tools and unused buffers, which all clients of the process share. Calls in flight go on
    /// undisturbed; the next ones take a little longer. The memory is free after the next garbage collection, which is not forced. Thread-safe; still works
    /// when the client has been disposed.
    /// </remarks>
    public void TrimMemory() => _memory.Trim();
}
