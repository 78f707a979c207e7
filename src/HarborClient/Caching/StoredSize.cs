namespace HarborClient.Caching;

/// <summary>What kept values are reckoned at, in bytes of memory.</summary>
internal static class StoredSize
{
    /// <summary>The item and the answer around the texts, beside what the store takes for it; measured.</summary>
    private const int EntryBytes = 320;
    private const int RunBytes = 100;
    private const int OwnBytes = 160;
    private const int TagBytes = 32;

    /// <summary>An error with its message.</summary>
    internal const long OfRefusal = 1024;

    internal static long Of(StoredVector vector) => EntryBytes + ((long)sizeof(float) * vector.Values.Length);

    /// <summary>A user's own value: the entry, its name, its bytes, and its tags.</summary>
    internal static long Of(string name, byte[] json, IReadOnlyList<string> tags)
    {
        long bytes = OwnBytes + json.Length + (2L * name.Length);
        foreach (string tag in tags) bytes += TagBytes + (2L * tag.Length);
        return bytes;
    }

    internal static long Of(StoredAnswer answer)
    {
        long bytes = EntryBytes;

        // A text is kept as UTF-8 and, once somebody has asked for it, as a string too.
        foreach (StoredRun run in answer.Runs) bytes += RunBytes + run.Bytes;
        return bytes;
    }
}
