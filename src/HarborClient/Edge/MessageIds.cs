namespace HarborClient.Edge;

/// <summary>Message ids that are unique per call: providers' own ids repeat, or are empty. Thread-safe.</summary>
internal static class MessageIds
{
    /// <summary>Of a fixed length, so that what follows needs no separator. Two of a million processes share one with a chance of 1 in 560.</summary>
    private static readonly string Process = $"msg_{Random.Shared.NextInt64(1L << 48):x12}";

    private static long _last;

    internal static string Next() => string.Create(null, stackalloc char[64], $"{Process}{Interlocked.Increment(ref _last):x}");
}
