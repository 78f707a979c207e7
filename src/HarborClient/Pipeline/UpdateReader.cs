using HarborClient.Caching;

namespace HarborClient;

/// <summary>An open answer, read one update at a time by one reader. Not thread-safe.</summary>
public abstract class UpdateReader : IAsyncDisposable
{
    /// <summary>The update that the last successful read delivered; its text is valid until the next read.</summary>
    public abstract ref readonly HarborUpdate Current { get; }

    /// <summary>The attempt whose fold holds what this reader delivers; null when a stage makes, changes or joins the updates.</summary>
    internal virtual Call? Source => null;

    /// <summary>What was kept and is read here; null for an answer that is being made.</summary>
    internal virtual CacheHit? Stored => null;

    /// <summary>Reads the next update.</summary>
    /// <returns>False when the answer has ended as its protocol says an answer ends. Any other end is an exception.</returns>
    /// <exception cref="HarborException">The answer broke.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public abstract ValueTask<bool> ReadAsync();

    /// <summary>Starts a read. A user's reader may throw at once; that is the same as a read that fails.</summary>
    internal ValueTask<bool> BeginRead()
    {
        try
        {
            return ReadAsync();
        }
        catch (Exception e)
        {
            return ValueTask.FromException<bool>(e);
        }
    }

    /// <summary>Ends the answer, wherever it is, and frees everything it holds. Idempotent.</summary>
    /// <returns>A task that completes when the exchange is closed.</returns>
    public abstract ValueTask DisposeAsync();
}
