namespace HarborClient.Edge;

/// <summary>Message ids that are unique per call: providers' own ids repeat, or are empty. Thread-safe.</summary>
internal static class MessageIds
{
    private static readonly string Process = $"msg_{Random.Shared.NextInt64():x16}_";

    private static long _last;

    internal static string Next() => string.Create(null, stackalloc char[64], $"{Process}{Interlocked.Increment(ref _last):x}");
}
