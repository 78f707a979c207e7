using System.Buffers.Text;
using System.Globalization;

namespace HarborClient.Edge;

/// <summary>Message ids that are unique per call: providers' own ids repeat, or are empty. Thread-safe.</summary>
internal static class MessageIds
{
    private const int ProcessBytes = 6;
    private const int MostDigits = 20;

    /// <summary>Of a fixed length, so that what follows needs no separator. Two of a million processes share one with a chance of 1 in 560.</summary>
    private static readonly string Process = OfProcess();

    private static long _last;

    internal static string Next()
    {
        Span<char> id = stackalloc char[Process.Length + MostDigits];
        Process.CopyTo(id);
        Interlocked.Increment(ref _last).TryFormat(id[Process.Length..], out int digits, default, CultureInfo.InvariantCulture);
        return new string(id[..(Process.Length + digits)]);
    }

    private static string OfProcess()
    {
        Span<byte> drawn = stackalloc byte[ProcessBytes];
        Random.Shared.NextBytes(drawn);
        return $"msg_{Base64Url.EncodeToString(drawn)}";
    }
}
