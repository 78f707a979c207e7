namespace HarborClient.Caching;

/// <summary>An entry in this process's memory, and its place there: it is kept once, under one key. What is kept never changes.</summary>
internal sealed class MemoryItem
{
    internal const byte MostUses = 3;

    /// <summary>How often it was asked for since its queue last came to it, up to three times. Counted without the store's lock: a use that is lost in a race is of no importance.</summary>
    internal byte Uses;

    // The store's, guarded by its lock.
    internal CacheKey Key;
    internal MemoryQueue? Queue;
    internal MemoryItem? Newer;
    internal MemoryItem? Older;

    // 1 once somebody makes it anew. By Interlocked.
    private int _refreshes;

    /// <summary>What is kept: a <see cref="StoredAnswer"/>, the vector of a text, or the value of a user's function as JSON. Never changed.</summary>
    internal required object Value { get; init; }

    /// <summary>What all keys of its kind and model begin with, as in <c>chat:openai/gpt-5-mini:</c>.</summary>
    internal required string Space { get; init; }

    /// <summary>Its key in the lower levels; null where it was not made, which costs a cryptographic hash.</summary>
    internal string? Name { get; init; }

    internal IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>What it is reckoned at, in bytes of memory, beside its place.</summary>
    internal required long Bytes { get; init; }

    internal long BytesWithPlace => Bytes + MemoryStore.EntryBytes;

    /// <summary>When the answer was made; a timestamp of the client's clock.</summary>
    internal required long CreatedAt { get; init; }

    /// <summary>From then on it is not fresh; a timestamp of the client's clock.</summary>
    internal required long ExpiresAt { get; init; }

    /// <summary>Not written at the most: an entry that many threads ask for stays in all their processor caches.</summary>
    internal void Use()
    {
        if (Uses < MostUses) Uses++;
    }

    /// <summary>Whether it is time to make it anew, and nobody does so yet; whoever is told so does.</summary>
    /// <param name="now">A timestamp of the client's clock.</param>
    /// <param name="after">The share of its life after which it is time.</param>
    internal bool TryBeginRefresh(long now, double after) =>
        now - CreatedAt >= (ExpiresAt - CreatedAt) * after && Volatile.Read(ref _refreshes) == 0 && Interlocked.Exchange(ref _refreshes, 1) == 0;

    /// <summary>Whether a removal means this entry. One whose name is not known goes with any key of its space: a removal too many costs a call, one too few a wrong answer.</summary>
    internal bool IsSelected(CacheSelection selection) => selection.Kind switch
    {
        CacheSelectionKind.Tag => Tags.Contains(selection.Value),
        CacheSelectionKind.Key => Name is null ? selection.Value.StartsWith(Space, StringComparison.Ordinal) : Name == selection.Value,
        _ => Name is null
            ? Space.StartsWith(selection.Value, StringComparison.Ordinal) || selection.Value.StartsWith(Space, StringComparison.Ordinal)
            : Name.StartsWith(selection.Value, StringComparison.Ordinal),
    };
}
