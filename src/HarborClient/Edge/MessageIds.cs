using System.Buffers.Text;

namespace HarborClient.Edge;

/// <summary>Message ids that are unique per call: providers' own ids repeat, or are empty. Thread-safe.</summary>
internal static class MessageIds
{
    private const int ProcessBytes = 6;
    private const int BitsPerDigit = 5;

    /// <summary>What 64 bits need.</summary>
    private const int MostDigits = 13;

    /// <summary>Of a fixed length, so that what follows needs no separator. Two of a million processes share one with a chance of 1 in 560.</summary>
    private static readonly string Process = OfProcess();

    private static long _last;

    /// <summary>A number to the base of 32 is shorter than a decimal one, and made without a division.</summary>
    private static ReadOnlySpan<char> Digits => "0123456789abcdefghijklmnopqrstuv";

    internal static string Next()
    {
        Span<char> id = stackalloc char[Process.Length + MostDigits];
        Process.CopyTo(id);
        int length = Process.Length;
        for (ulong rest = (ulong)Interlocked.Increment(ref _last); rest != 0; rest >>= BitsPerDigit) id[length++] = Digits[(int)(rest & ((1 << BitsPerDigit) - 1))];
        return new string(id[..length]);
    }

    private static string OfProcess()
    {
        Span<byte> drawn = stackalloc byte[ProcessBytes];
        Random.Shared.NextBytes(drawn);
        return $"msg_{Base64Url.EncodeToString(drawn)}";
    }
}
