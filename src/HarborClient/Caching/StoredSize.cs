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
        foreach (StoredRun run in answer.Runs) bytes += RunBytes + run.Bytes + OfBeside(run.Value);
        foreach ((string name, string value) in answer.Properties) bytes += TagBytes + (2L * (name.Length + value.Length));
        return bytes;
    }

    /// <summary>What goes with a text: a host may send more of it than of the text.</summary>
    private static long OfBeside(object? value)
    {
        if (value is string text) return 2L * text.Length;
        if (value is not StoredAnnotation[] annotations) return 0;
        long bytes = 0;
        foreach (StoredAnnotation one in annotations)
        {
            long characters = (one.Title?.Length ?? 0) + (long)(one.Url?.Length ?? 0) + (one.FileId?.Length ?? 0) + (one.ToolName?.Length ?? 0) + (one.Snippet?.Length ?? 0);
            bytes += RunBytes + (2 * characters) + (sizeof(int) * (long)one.Regions.Length);
        }

        return bytes;
    }
}
