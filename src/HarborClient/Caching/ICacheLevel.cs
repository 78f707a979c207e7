namespace HarborClient;

/// <summary>A place below the process's memory where answers are kept: Redis, a file, or one's own. Register one with <see cref="HarborBuilder.UseCacheLevel(Func{ICacheLevel})"/>.</summary>
/// <remarks>
/// Thread-safe. It may be slow, throw, or be away: the client asks it within a soft budget, stops asking one that fails, and writes to it behind the call, so no fault of it
/// reaches a caller. What it is given to keep is opaque to it. Keys are up to 600 characters; each begins with what it is of, as in <c>chat:openai/gpt-5-mini:</c>.
/// </remarks>
public interface ICacheLevel : IAsyncDisposable
{
    /// <summary>What an answer from here is marked with.</summary>
    CacheLevel Level { get; }

    /// <summary>How long an entry is kept where a call or an alias says nothing.</summary>
    TimeSpan Ttl { get; }

    /// <summary>Looks an entry up.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="cancellationToken">Cancelled when the result is of no use any more.</param>
    /// <returns>The entry; <see langword="null"/> where there is none, or it has expired.</returns>
    ValueTask<CacheItem?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Keeps an entry, in place of one with the same key.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="item">What to keep, and until when.</param>
    /// <param name="cancellationToken">Cancelled when the client is disposed.</param>
    /// <returns>A task that completes when it is kept.</returns>
    ValueTask SetAsync(string key, CacheItem item, CancellationToken cancellationToken);

    /// <summary>Removes entries, and tells those who watch in other processes.</summary>
    /// <param name="selection">Which.</param>
    /// <param name="cancellationToken">Cancels the removal.</param>
    /// <returns>A task that completes when none of them is delivered any more.</returns>
    ValueTask RemoveAsync(CacheSelection selection, CancellationToken cancellationToken);

    /// <summary>Has a function called when another process removes entries. Called once, before anything else.</summary>
    /// <param name="removed">Is given what was removed, or <see langword="null"/> where removals may have been missed, as after a broken connection. Does not block or throw.</param>
    void Watch(Action<CacheSelection?> removed);
}
